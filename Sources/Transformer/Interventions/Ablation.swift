// What an ablated activation is replaced by: zero, the value bias, a mean, another example's.
//
// Wang et al. 2022 (section 2.1) ablate with the mean over a reference distribution, position by position and template
// by template; other papers take zeros, the overall mean, or the activation of a random other example.

import Tensors

/// What takes the place of an activation that is knocked out.
public struct Ablation: Sendable {
  private enum Source: Sendable {
    case zero
    case valueBiases([Tensor?])
    case table(ActivationCache)
  }

  private let source: Source

  /// Over what a mean is taken.
  public enum Mean: Sendable, Hashable {
    /// Over examples and positions. Scores and patterns keep their two positions.
    case global
    /// Over examples, at each position.
    case positional
  }

  /// Zero.
  public static var zero: Ablation { Ablation(source: .zero) }

  /// The values' bias: what a head's `z` is when each value is only its bias, since a pattern sums to 1.
  ///
  /// Only for `z`. On a model with folded value biases it is zero.
  public static func valueBias(of model: HookedTransformer) -> Ablation {
    let c = model.configuration
    let group = c.nHeads / max(c.nKeyValueHeads, 1)
    let heads = (0..<c.nHeads).map { $0 / max(group, 1) }
    return Ablation(
      source: .valueBiases(
        model.blocks.map { $0.attn.b_V?.reshaped([c.nKeyValueHeads, c.dHead]).gathered(at: heads) }))
  }

  /// The mean of a reference run.
  ///
  /// `counting` says which tokens of that run count in a global mean, `batch · position` of them; all unless given.
  public static func mean(
    of reference: ActivationCache, over mean: Mean, counting mask: [Bool]? = nil
  ) -> Ablation {
    Ablation(
      source: .table(
        reference.map { tensor, point in
          let positional = tensor.mean(axis: 0, keepingAxis: true)
          guard mean == .global, !point.activation.isBetweenPositions else { return positional }
          guard let mask else { return positional.mean(axis: 1, keepingAxis: true) }
          return meanOfTokens(tensor, mask)
        }))
  }

  /// The mean, position by position, of those reference examples that share an example's label.
  ///
  /// `labels` has one for each example of the reference run (its template, say), `examples` one for each example that
  /// will be ablated. Throws when a label has no reference example.
  public static func mean<Label: Hashable>(
    of reference: ActivationCache, within labels: [Label], for examples: [Label]
  ) throws(InterventionError) -> Ablation {
    var members: [Label: [Int]] = [:]
    for (row, label) in labels.enumerated() { members[label, default: []].append(row) }
    if let lonely = examples.first(where: { members[$0] == nil }) {
      throw .unsupported("no reference example has the label \(lonely), so that there is no mean for it")
    }
    let groups = Array(Set(examples))
    let places = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($0.element, $0.offset) })
    return Ablation(
      source: .table(
        reference.map { tensor, _ in
          precondition(
            tensor.shape[0] == labels.count, "\(labels.count) labels for \(tensor.shape[0]) reference examples")
          let means = groups.map { tensor.gathered(at: members[$0] ?? []).mean(axis: 0) }
          return Tensor.stacked(means).gathered(at: examples.map { places[$0] ?? 0 })
        }))
  }

  /// The activations of chosen reference examples, one for each example that will be ablated.
  public static func resample(from reference: ActivationCache, examples: [Int]) -> Ablation {
    Ablation(source: .table(reference.map { tensor, _ in tensor.gathered(at: examples) }))
  }

  /// The activations of random reference examples, drawn with replacement for `count` examples.
  ///
  /// One example takes all of its activations from the same reference example.
  public static func resample(from reference: ActivationCache, count: Int, using stream: RandomStream) -> Ablation {
    var stream = stream
    let rows = reference.points.first.map { reference[$0].shape[0] } ?? 0
    precondition(rows > 0 || count == 0, "there is no reference example to draw from")
    return resample(from: reference, examples: (0..<count).map { _ in stream.integer(below: rows) })
  }

  /// Some given activations, which broadcast to those they replace.
  public static func values(_ cache: ActivationCache) -> Ablation { Ablation(source: .table(cache)) }

  /// What takes the place of an activation of a given shape.
  public func replacement(at point: HookPoint, shape: [Int]) throws(InterventionError) -> Tensor {
    switch source {
    case .zero: return Tensor(zeros: shape)
    case .valueBiases(let biases):
      guard point.activation == .z, let layer = point.layer, layer < biases.count else {
        throw .unsupported("\(point) is no mixture of values, so that no bias of values can replace it")
      }
      return biases[layer]?.broadcast(to: shape) ?? Tensor(zeros: shape)
    case .table(let cache):
      let tensor = try cache.required(point, from: "the reference of an ablation")
      guard Tensor.broadcastShape(tensor.shape, shape) == shape else {
        throw .shape(point.name, expected: shape, found: tensor.shape)
      }
      return tensor.shape == shape ? tensor : tensor.broadcast(to: shape)
    }
  }
}

/// The mean of the tokens that count, in a shape that broadcasts over examples and positions.
private func meanOfTokens(_ tensor: Tensor, _ mask: [Bool]) -> Tensor {
  let tokens = tensor.shape[0] * tensor.shape[1]
  precondition(mask.count == tokens, "\(mask.count) marks for \(tokens) tokens")
  let rest = Array(tensor.shape.dropFirst(2))
  let counted = mask.indices.filter { mask[$0] }
  return tensor.reshaped([tokens] + rest).gathered(at: counted).mean(axis: 0).reshaped([1, 1] + rest)
}

extension Hook {
  /// Replaces a part of some activations.
  ///
  ///     .ablating("blocks.9.attn.hook_z", heads: [6, 9], by: .mean(of: cache, over: .positional))
  ///     .ablating(.each(.mlpOut, layers: [0]), by: .zero)
  ///     .ablating("blocks.3.mlp.hook_post", elements: [2047], by: .zero)
  ///
  /// Gradients pass through what is not replaced.
  public static func ablating(
    _ filter: HookFilter, heads: [Int]? = nil, positions: PositionChoice = .all, elements: [Int]? = nil,
    by ablation: Ablation
  ) -> Hook {
    ablating(filter, ActivationRegion(heads: heads, positions: positions, elements: elements), by: ablation)
  }

  /// Replaces a region of some activations.
  public static func ablating(_ filter: HookFilter, _ region: ActivationRegion, by ablation: Ablation) -> Hook {
    Hook(
      filter,
      differentiable: { value, point in
        let donor = try ablation.replacement(at: point, shape: value.shape)
        return region.replace(value, of: point.activation, by: donor)
      })
  }
}

extension ActivationRegion {
  /// An activation whose region is taken from a donor of the same shape.
  func replace(_ value: Variable, of activation: ActivationName, by donor: Tensor) -> Variable {
    if value.tape != nil {
      let mask = mask(of: activation, shape: value.shape)
      return Variable.select(where: mask, Variable(donor), otherwise: value)
    }
    if isWhole { return Variable(donor) }
    var result = value.value
    copy(of: activation, from: donor, examples: 0..<donor.shape[0], into: &result, at: 0)
    return Variable(result)
  }
}
