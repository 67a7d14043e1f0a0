// How much of what one head writes another head reads: ‖AB‖ / (‖A‖‖B‖) of their circuits.
//
// Elhage et al. 2021, *Three Kinds of Composition*. The scores of random matrices are not 0 but about 1/√dModel, so a
// score says something only beside that baseline.

import Tensors

/// Which input of the later head reads what the earlier one writes.
public enum Composition: String, Sendable, CaseIterable {
  /// The queries: W_OV of the sender times W_QK of the receiver.
  case q
  /// The keys: W_OV of the sender times the transposed W_QK of the receiver.
  case k
  /// The values: W_OV of the sender times W_OV of the receiver.
  case v
}

/// The composition scores of random heads.
public struct CompositionBaseline: Sendable, Equatable {
  /// The mean score.
  public let mean: Float
  /// The standard deviation of the scores.
  public let standardDeviation: Float
}

extension HookedTransformer {
  /// How much each head reads of what each earlier one writes.
  ///
  /// The scores are `[senderLayer, senderHead, receiverLayer, receiverHead]`, from 0 to 1, and 0 where the receiver is
  /// not in a later layer. The gains before attention belong to what a head reads, so they must be folded into its
  /// weights first; `onRaw` leaves them out instead. Those behind attention, as in Gemma 2, are left out in any case.
  ///
  /// - Throws: `AnalysisError.unfoldedNormalization`, unless `onRaw`.
  public func allCompositionScores(_ kind: Composition, onRaw: Bool = false) throws(AnalysisError) -> Tensor {
    if !onRaw { try requireFoldedAttentionNormalizations(for: "a composition score") }
    let (receiver, c) = (receivingCircuit(kind), configuration)
    let heads = c.nLayers * c.nHeads
    return FactoredMatrix.compositionScores(OV, receiver) { sender in (sender / c.nHeads + 1) * c.nHeads..<heads }
      .reshaped([c.nLayers, c.nHeads, c.nLayers, c.nHeads])
  }

  /// The composition scores of random heads of this model's widths.
  ///
  /// Queries, keys and values have the same baseline, because W_QK and W_OV have the same shape.
  public func compositionBaseline(pairs: Int = 32, from stream: RandomStream) -> CompositionBaseline {
    precondition(pairs > 1, "a deviation needs two pairs of random heads, not \(pairs)")
    let c = configuration
    var stream = stream
    func heads() -> FactoredMatrix {
      FactoredMatrix(stream.normal([c.dModel, c.dHead]), stream.normal([c.dHead, c.dModel]))
    }
    let scores = Tensor(
      (0..<pairs).map { _ in FactoredMatrix.compositionScores(heads(), heads()).scalar }, [pairs])
    return CompositionBaseline(
      mean: scores.mean(), standardDeviation: scores.variance(correction: 1).squareRoot())
  }

  private func receivingCircuit(_ kind: Composition) -> FactoredMatrix {
    switch kind {
    case .q: QK
    case .k: QK.transposed
    case .v: OV
    }
  }
}

extension FactoredMatrix {
  /// ‖left·right‖ / (‖left‖‖right‖) of every pair of members, `[…left, …right]`; 0 where a factor is 0.
  public static func compositionScores(_ left: FactoredMatrix, _ right: FactoredMatrix) -> Tensor {
    let members = 0..<Tensor.count(of: right.batch)
    return compositionScores(left, right) { _ in members }.reshaped(left.batch + right.batch)
  }

  /// The scores of each member on the left with a range of those on the right, 0 with the others: `[left, right]`.
  ///
  /// With M = B₁·A₂ the norm of A₁·M·B₂ is that of a product of r × r matrices: its square is the sum of the elements
  /// of (A₁ᵀA₁·M) ∘ (M·B₂B₂ᵀ). The M of one member with all others is one wide product.
  fileprivate static func compositionScores(
    _ left: FactoredMatrix, _ right: FactoredMatrix, receivers: (_ sender: Int) -> Range<Int>
  ) -> Tensor {
    let (left, right) = (left.flat, right.flat)
    let (leftNorms, rightNorms) = (left.norm, right.norm)
    let leftGrams = left.A.matmul(left.A, transposingSelf: true)
    let rightGrams = right.B.matmul(right.B, transposingOther: true)
    let allReading = right.A.transposed([1, 0, 2]).reshaped([right.rows, right.batch[0] * right.inner])
    var scores = Tensor(zeros: [left.batch[0], right.batch[0]])
    var (range, reading, grams) = (0..<right.batch[0], allReading, rightGrams)
    for sender in 0..<left.batch[0] {
      let wanted = receivers(sender)
      guard !wanted.isEmpty else { continue }
      if wanted != range {
        range = wanted
        reading = allReading.slice(axis: 1, range.lowerBound * right.inner..<range.upperBound * right.inner)
        grams = rightGrams.slice(axis: 0, range)
      }
      /// One r × r block for each receiver.
      func blocks(_ wide: Tensor) -> Tensor {
        wide.reshaped([left.inner, range.count, right.inner]).transposed([1, 0, 2])
      }
      let middle = left.B.slice(axis: 0, at: sender).matmul(reading)
      let products = blocks(leftGrams.slice(axis: 0, at: sender).matmul(middle)) * blocks(middle).matmul(grams)
      for (receiver, square) in zip(range, products.sum(axes: [1, 2]).elements) {
        let size = leftNorms[sender] * rightNorms[receiver]
        scores[sender, receiver] = size > 0 ? max(square, 0).squareRoot() / size : 0
      }
    }
    return scores
  }

  /// The same matrices along one leading axis.
  private var flat: FactoredMatrix {
    let count = Tensor.count(of: batch)
    return FactoredMatrix(
      A.broadcast(to: batch + [rows, inner]).reshaped([count, rows, inner]),
      B.broadcast(to: batch + [inner, columns]).reshaped([count, inner, columns]))
  }
}
