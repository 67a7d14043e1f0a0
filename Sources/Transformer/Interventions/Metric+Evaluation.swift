// From the residual stream at the end of a run to a metric's numbers, for one run or for many patched ones at once.

import Tensors

extension Metric {
  /// The largest number of logits that are held at once.
  private static let logitsAtOnce = 1 << 24

  /// The numbers of a run whose residual stream ends as `[batch, position, dModel]`.
  func values(ofResidual residual: Tensor, _ tokens: TokenBatch, of model: HookedTransformer) -> [Float] {
    let read = model.read(Variable(residual), at: places(in: tokens))
    return values(ofReadings: read.value.insertingAxis(at: 0), of: model).elements
  }

  /// The numbers `[run, batch]` of several runs, given what each unembeds: `[run, batch, dModel]`, normalised.
  func values(ofReadings readings: Tensor, of model: HookedTransformer) -> Tensor {
    let (runs, batch, width) = (readings.shape[0], readings.shape[1], readings.shape[2])
    let atOnce = max(1, Metric.logitsAtOnce / max(1, batch * model.configuration.dVocabOut))
    var parts: [Tensor] = []
    for first in stride(from: 0, to: runs, by: atOnce) {
      let range = first..<min(first + atOnce, runs)
      let x = readings.slice(axis: 0, range).reshaped([range.count * batch, width])
      parts.append(values(Variable(x), examples: 0..<batch, of: model).value.reshaped([range.count, batch]))
    }
    return parts.isEmpty ? Tensor(zeros: [0, batch]) : Tensor.concatenated(parts)
  }

  /// The numbers of some examples, once or for several runs after each other: `[run · example]`.
  ///
  /// `x` is what is unembedded, `[run · example, dModel]`.
  func values(_ x: Variable, examples: Range<Int>, of model: HookedTransformer) -> Variable {
    let count = examples.count
    let runs = count == 0 ? 0 : x.shape[0] / count
    func own(_ tokens: [Int]) -> [Int] {
      precondition(tokens.count >= examples.upperBound, "a metric of \(tokens.count) tokens for more examples")
      return Array(tokens[examples])
    }
    switch reading {
    case .logitDifference(let correct, let incorrect):
      return model.logits(x, ofTokens: own(correct), runs: runs) - model.logits(x, ofTokens: own(incorrect), runs: runs)
    case .logit(let tokens): return model.logits(x, ofTokens: own(tokens), runs: runs)
    case .logProbability(let tokens):
      let targets = Array(repeatElement(own(tokens), count: runs).joined())
      return -model.unembed(x).crossEntropy(targets: targets, reduction: .none)
    case .custom(let function):
      let logits = model.unembed(x).value
      var values: [Float] = []
      for run in 0..<runs { values += function(logits.slice(axis: 0, run * count..<(run + 1) * count)) }
      precondition(values.count == x.shape[0], "a metric gave \(values.count) numbers for \(x.shape[0]) examples")
      return Variable(Tensor(values, [values.count]))
    case .differentiable(let function):
      let logits = model.unembed(x)
      let parts = (0..<runs).map { function(logits.slice(axis: 0, $0 * count..<($0 + 1) * count), examples) }
      for part in parts {
        precondition(part.shape == [count], "a metric gave the shape \(part.shape) for \(count) examples")
      }
      return Variable.concatenated(parts)
    }
  }
}

extension HookedTransformer {
  /// What is unembedded at one position of each row: the stream through the last normalisation, `[row, dModel]`.
  func read(_ residual: Variable, at places: [Int]) -> Variable {
    finallyNormalized(pick(residual, at: places))
  }

  /// One position of each row, `[row, width]`.
  func pick(_ residual: Variable, at places: [Int]) -> Variable {
    let (rows, positions) = (residual.shape[0], residual.shape[1])
    precondition(places.count == rows, "\(places.count) positions for \(rows) rows")
    for place in places { precondition(place >= 0 && place < positions, "position \(place) of \(positions)") }
    return residual.reshaped([rows * positions, residual.shape[2]])
      .gathered(at: places.enumerated().map { $0.offset * positions + $0.element })
  }

  /// Rows through the normalisation before the unembedding; divided by `scale`, `[row, 1]`, instead of their own.
  func finallyNormalized(_ x: Variable, scale: Tensor? = nil) -> Variable {
    let kind = configuration.unembeddingNormalization
    guard kind != .none else { return x }
    let (w, b) = (lnFinal.w.map { Variable($0) }, lnFinal.b.map { Variable($0) })
    let epsilon = configuration.epsilon
    guard let scale else {
      return kind.centers ? x.layerNorm(weight: w, bias: b, epsilon: epsilon) : x.rmsNorm(weight: w, epsilon: epsilon)
    }
    var result = (kind.centers ? x - x.mean(axes: [1], keepingAxes: true) : x) / Variable(scale)
    if let w { result = result * w }
    if let b { result = result + b }
    return result
  }

  /// What the normalisation before the unembedding divides rows by, `[row, 1]`.
  func finalScale(_ x: Tensor) -> Tensor {
    let centered = configuration.unembeddingNormalization.centers ? x - x.mean(axis: 1, keepingAxis: true) : x
    return (centered.squared().mean(axis: 1, keepingAxis: true) + configuration.epsilon).squareRoots()
  }

  /// Logits `[row, dVocabOut]` of normalised rows.
  func unembed(_ x: Variable) -> Variable {
    let bias = b_U.map { Variable($0) }
    let logits =
      untiedUnembedding.map { x.linear(Variable($0), bias: bias) }
      ?? x.linear(Variable(W_E), bias: bias, transposingWeights: true)
    return configuration.logitSoftCap.map { softCap(logits, $0) } ?? logits
  }

  /// The logit of one token for each example, in several runs: `[run · example]`.
  func logits(_ x: Variable, ofTokens tokens: [Int], runs: Int) -> Variable {
    let width = configuration.dModel
    let columns = Variable(unembeddingColumns(tokens))
    var logits = (x.reshaped([runs, tokens.count, width]) * columns).sum(axes: [2])
    if let b_U { logits = logits + Variable(b_U.gathered(at: tokens)) }
    if let cap = configuration.logitSoftCap { logits = softCap(logits, cap) }
    return logits.reshaped([runs * tokens.count])
  }

  /// The directions of the residual stream that tokens' logits read, `[token, dModel]`.
  private func unembeddingColumns(_ tokens: [Int]) -> Tensor {
    for token in tokens {
      precondition(
        token >= 0 && token < configuration.dVocabOut, "token \(token) of \(configuration.dVocabOut) has no logit")
    }
    guard let W_U = untiedUnembedding else { return W_E.gathered(at: tokens) }
    return W_U.gathered(axis: 1, at: tokens).transposed()
  }
}
