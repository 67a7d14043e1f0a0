// Attribution patching: what activation patching would find, to first order, for all activations from one gradient.
//
// Nanda 2023: (clean − corrupted) · ∂metric/∂activation in the corrupted run. With integrated gradients (EAP-IG, Hanna,
// Pezzelle and Belinkov 2024) the gradient is the mean of those on the way from corrupted to clean inputs.

import Tensors

/// Where the gradients of attribution patching are taken.
public enum AttributionGradient: Sendable, Hashable {
  /// In the corrupted run.
  case corrupted
  /// In the clean run.
  case clean
  /// Their mean over runs with embeddings corrupted + k/m · (clean − corrupted), k = 1 … m: EAP-IG.
  case integrated(steps: Int)
  /// The same with k − ½, which converges faster and sees neither end.
  case integratedMidpoint(steps: Int)

  /// How far on the way from corrupted to clean each gradient is taken.
  var places: [Float] {
    switch self {
    case .corrupted: [0]
    case .clean: [1]
    case .integrated(let steps): Self.places(steps, shift: 1)
    case .integratedMidpoint(let steps): Self.places(steps, shift: 0.5)
    }
  }

  private static func places(_ steps: Int, shift: Float) -> [Float] {
    precondition(steps > 0, "integrated gradients need at least one step, not \(steps)")
    return (0..<steps).map { (Float($0) + shift) / Float(steps) }
  }
}

/// The clean less the corrupted activations, and the gradients to multiply them with.
struct AttributionRuns {
  let clean: ActivationCache
  let corrupted: ActivationCache
  let gradients: ActivationCache
  /// The metric of the corrupted run.
  let baseline: [Float]

  /// Makes the runs; differences at some hook points, gradients at the same or others.
  ///
  /// Each example has the gradient of its own metric.
  init(
    _ model: HookedTransformer, clean: TokenBatch, corrupted: TokenBatch, metric: Metric, differences: [HookPoint],
    gradientsAt points: [HookPoint], at choice: AttributionGradient
  ) throws {
    func cache(_ tokens: TokenBatch) throws -> RunResult {
      var options = RunOptions(cached: HookFilter(differences + [HookPoint(.embed)]))
      options.logits = .none
      return try model.run(tokens, options)
    }
    self.clean = try cache(clean).cache
    let result = try cache(corrupted)
    self.corrupted = result.cache
    baseline = metric.values(ofResidual: result.residual.value, corrupted, of: model)
    let step = self.clean[.embed] - self.corrupted[.embed]
    var sum: ActivationCache?
    for place in choice.places {
      let embedding = self.corrupted[.embed] + step * place
      let gradients = try AttributionRuns.gradients(model, corrupted, embedding, metric, points)
      sum = sum.map { sum in sum.map { tensor, point in tensor + gradients[point] } } ?? gradients
    }
    let count = Float(choice.places.count)
    gradients = sum.map { $0.map { tensor, _ in tensor / count } } ?? ActivationCache(of: model.configuration)
  }

  /// The gradient of each example's metric at some activations, when the token embedding is a given one.
  private static func gradients(
    _ model: HookedTransformer, _ tokens: TokenBatch, _ embedding: Tensor, _ metric: Metric, _ points: [HookPoint]
  ) throws -> ActivationCache {
    let tape = Tape()
    var options = RunOptions(hooks: [.replacing("hook_embed", with: embedding)])
    options.logits = .none
    var pass = try ForwardPass(model, tokens, options, differentiated: HookFilter(points), tape: tape)
    let residual = try pass.run().residual
    let read = model.read(residual, at: metric.places(in: tokens))
    let value = metric.values(read, examples: 0..<tokens.batch, of: model).sum()
    var gradients = ActivationCache(of: model.configuration)
    let variables = points.compactMap { pass.table.variables[$0] }
    precondition(variables.count == points.count, "a gradient was asked for outside of the run")
    let found =
      value.tape == nil
      ? variables.map { Tensor(zeros: $0.shape) } : tape.gradients(of: value, with: variables, releasing: true)
    for (point, gradient) in zip(points, found) { gradients[point] = gradient }
    return gradients
  }

  /// Makes the runs of as many examples at a time as some tokens allow, and hands each on.
  static func inParts(
    _ model: HookedTransformer, clean: TokenBatch, corrupted: TokenBatch, metric: Metric, differences: [HookPoint],
    gradientsAt points: [HookPoint], at choice: AttributionGradient, tokensAtOnce: Int,
    _ body: (AttributionRuns) throws -> Void
  ) throws {
    guard clean.shape == corrupted.shape else {
      throw InterventionError.shape("the clean batch", expected: corrupted.shape, found: clean.shape)
    }
    guard metric.isDifferentiable else {
      throw InterventionError.unsupported("a custom metric has no gradient: give a differentiable one")
    }
    let atOnce = max(1, tokensAtOnce / max(1, corrupted.positions))
    for first in stride(from: 0, to: corrupted.batch, by: atOnce) {
      let examples = first..<min(first + atOnce, corrupted.batch)
      try body(
        AttributionRuns(
          model, clean: clean.rows(examples), corrupted: corrupted.rows(examples), metric: metric.of(examples),
          differences: differences, gradientsAt: points, at: choice))
    }
  }
}

extension HookedTransformer {
  /// What `activationPatch` would find, to first order, for every cell of a sweep, from one backward pass.
  ///
  /// Values are the corrupted run's metric plus (clean − corrupted) · gradient, so that `effect` is the attribution:
  /// positive where the clean activation would raise the metric. With gradients in the corrupted run it is the slope of
  /// the exact patch; `.integrated` averages them on the way to the clean inputs. `tokensAtOnce` bounds the memory.
  public func attributionPatch(
    _ sweep: PatchSweep, clean: TokenBatch, corrupted: TokenBatch, metric: Metric,
    gradient: AttributionGradient = .corrupted, tokensAtOnce: Int = 2048
  ) throws -> PatchingResult {
    let kinds = Set(sweep.kinds.map(\.activation))
    let points = configuration.hookPoints.filter { kinds.contains($0.activation) }
    for kind in sweep.kinds where !points.contains(where: { $0.activation == kind.activation }) {
      throw InterventionError.unsupported("this architecture has no \(kind.activation.rawValue)")
    }
    var (effects, baseline): ([Tensor], [Float]) = ([], [])
    try AttributionRuns.inParts(
      self, clean: clean, corrupted: corrupted, metric: metric, differences: points, gradientsAt: points, at: gradient,
      tokensAtOnce: tokensAtOnce
    ) { runs in
      effects.append(sweep.effect(runs, points))
      baseline += runs.baseline
    }
    let effect = Tensor.concatenated(effects, axis: -1)
    return PatchingResult(
      values: effect + Tensor(baseline, [baseline.count]), axes: sweep.axisNames, baseline: baseline,
      patchTypes: sweep.kinds.count > 1 ? sweep.kinds.map(\.name) : [])
  }
}

/// The difference of two activations; zero where they agree or one is infinite, as scores of −∞ are behind a mask.
func difference(_ a: Tensor, _ b: Tensor) -> Tensor {
  var result = a
  result.withUnsafeMutableElements { result in
    b.withUnsafeElements { b in
      for index in result.indices {
        let isInfinite = result[index].isInfinite || b[index].isInfinite
        result[index] = isInfinite ? 0 : result[index] - b[index]
      }
    }
  }
  return result
}

extension PatchSweep {
  /// The attribution of every cell, `[axes…, batch]`.
  fileprivate func effect(_ runs: AttributionRuns, _ points: [HookPoint]) -> Tensor {
    let parts = kinds.map { kind -> Tensor in
      let layers = points.filter { $0.activation == kind.activation }.map { point in
        sum(runs.gradients[point] * difference(runs.clean[point], runs.corrupted[point]), kind.activation)
      }
      return axes.firstIndex(of: .layer).map { Tensor.stacked(layers, axis: $0) } ?? layers[0]
    }
    let widest = parts.map(\.shape).reduce(parts[0].shape) { zip($0, $1).map(max) }
    return parts.count == 1 ? parts[0] : Tensor.stacked(parts.map { $0.padded(to: widest, with: .nan) })
  }

  /// Sums an activation's elements over the axes that the sweep does not name: `[axes but layer…, batch]`.
  fileprivate func sum(_ elements: Tensor, _ activation: ActivationName) -> Tensor {
    let named = axes.filter { $0 != .layer }.map { PatchSweep.axis($0, of: activation, rank: elements.rank) }
    let summed = (1..<elements.rank).filter { !named.contains($0) }
    let rest = summed.isEmpty ? elements : elements.sum(axes: summed, keepingAxes: true)
    let shape = (named + [0]).map { elements.shape[$0] }
    return rest.transposed(named + [0] + summed).reshaped(shape)
  }
}
