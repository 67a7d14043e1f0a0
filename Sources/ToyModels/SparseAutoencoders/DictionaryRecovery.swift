// How well a dictionary recovers known directions: the mean over directions of the largest cosine (Sharkey et al. 2022).

import Tensors

/// How well a dictionary recovers known directions.
public struct DictionaryRecovery: Sendable, Equatable {
  /// The mean of the largest cosines, MMCS.
  public var mean: Float
  /// For each known direction the largest cosine with a dictionary vector, sign kept.
  public var perFeature: [Float]
  /// For each known direction which dictionary vector that is.
  public var matches: [Int]
}

/// Compares known directions `[features, inputs]` with a dictionary's vectors `[latents, inputs]`.
///
/// A vector that points the other way does not count. Rows of zeros have cosine zero with everything.
public func meanMaxCosine(of truth: Tensor, in dictionary: Tensor) -> DictionaryRecovery {
  precondition(
    truth.rank == 2 && dictionary.rank == 2 && truth.shape[1] == dictionary.shape[1] && dictionary.shape[0] > 0
      && truth.shape[0] > 0,
    "directions of shape \(truth.shape) and a dictionary of shape \(dictionary.shape)")
  func directions(_ rows: Tensor) -> Tensor {
    let norms = rows.norm(axis: 1, keepingAxis: true)
    return rows / norms.map { $0 > 0 ? $0 : 1 }
  }
  let cosines = directions(truth).matmul(directions(dictionary), transposingOther: true)
  let largest = cosines.maximum(axis: 1)
  return DictionaryRecovery(mean: largest.mean(), perFeature: largest.elements, matches: cosines.argmax(axis: 1))
}
