// How the next token is chosen among the logits: the largest, or drawn, perhaps from the likeliest few.
//
// Top-k is Fan et al. 2018, top-p Holtzman et al. 2020. Temperature comes first, then top-k, then top-p on what is left,
// as in Hugging Face transformers and TransformerLens.

import Tensors

/// How the next token is chosen.
public enum Sampling: Sendable, Equatable {
  /// The likeliest token, among equals the first.
  case greedy
  /// A token drawn with the probabilities softmax(logits / temperature).
  ///
  /// With `topK` only that many of the likeliest tokens are drawn; with `topP` only the fewest of the likeliest whose
  /// probabilities reach that sum.
  case sample(temperature: Float = 1, topK: Int? = nil, topP: Float? = nil)

  /// The probability of each token under this choice, in the order of the logits `[dVocabOut]`.
  public func probabilities(of logits: Tensor) -> Tensor {
    precondition(
      logits.rank == 1 && logits.count > 0, "a choice needs one row of logits, got the shape \(logits.shape)")
    var result = Tensor(zeros: logits.shape)
    let candidates = candidates(logits)
    result.withUnsafeMutableElements { result in
      for (token, weight) in candidates.weighted { result[token] = Float(weight / candidates.mass) }
    }
    return result
  }

  /// Chooses a token given one row of logits; nil when they are not numbers.
  func token(_ logits: Tensor, from stream: inout RandomStream) -> Int? {
    guard self != .greedy else {
      let token = logits.argmax()
      return logits[token].isNaN ? nil : token
    }
    let candidates = candidates(logits)
    guard candidates.mass.isFinite, candidates.mass > 0 else { return nil }
    var left = stream.uniformDouble() * candidates.mass
    for (token, weight) in candidates.weighted {
      left -= weight
      if left < 0 { return token }
    }
    return candidates.weighted.last { $0.weight > 0 }?.token
  }

  /// The tokens that can be chosen with weights in proportion to their probabilities, and the sum of the weights.
  private func candidates(_ logits: Tensor) -> (weighted: [(token: Int, weight: Double)], mass: Double) {
    guard case .sample(let temperature, let topK, let topP) = self else { return ([(logits.argmax(), 1)], 1) }
    precondition(temperature > 0 && temperature.isFinite, "a temperature of \(temperature) is not positive")
    precondition(topK.map { $0 > 0 } ?? true, "nothing can be drawn from the likeliest \(topK ?? 0) tokens")
    precondition(topP.map { $0 > 0 && $0 <= 1 } ?? true, "a share of \(topP ?? 0) does not lie in (0, 1]")
    let probabilities = ((logits - logits.maximum()) / temperature).softmax()
    var weighted: [(token: Int, weight: Double)] = []
    // What is less likely than this is not needed to reach the share: all of it together is less than the rest.
    let floor = topK == nil ? topP.map { (1 - $0) / Float(logits.count) * 0.999 } ?? 0 : 0
    probabilities.withUnsafeElements { probabilities in
      if let topK, topK < probabilities.count {
        weighted = largest(topK, of: probabilities)
      } else {
        for (token, weight) in probabilities.enumerated() where weight >= floor || weight.isNaN {
          weighted.append((token, Double(weight)))
        }
      }
    }
    var mass = weighted.reduce(0) { $0 + $1.weight }
    if let topP, topP < 1 {
      weighted.sort { $0.weight != $1.weight ? $0.weight > $1.weight : $0.token < $1.token }
      let whole = topK == nil ? 1 : mass
      var (kept, sum) = (0, 0.0)
      while kept < weighted.count && sum < Double(topP) * whole {
        sum += weighted[kept].weight
        kept += 1
      }
      if mass.isFinite { (weighted, mass) = (Array(weighted.prefix(max(kept, 1))), sum) }
    }
    return (weighted, mass)
  }
}

/// The largest elements with their positions, largest first, among equals the first.
private func largest(_ count: Int, of elements: UnsafeBufferPointer<Float>) -> [(token: Int, weight: Double)] {
  var best: [(token: Int, weight: Float)] = []
  best.reserveCapacity(count + 1)
  for (token, weight) in elements.enumerated() {
    if best.count == count, let last = best.last, !(weight > last.weight) { continue }
    // Binary search for the first that is smaller.
    var (low, high) = (0, best.count)
    while low < high {
      let middle = (low + high) / 2
      if best[middle].weight >= weight { low = middle + 1 } else { high = middle }
    }
    best.insert((token, weight), at: low)
    if best.count > count { best.removeLast() }
  }
  return best.map { ($0.token, Double($0.weight)) }
}
