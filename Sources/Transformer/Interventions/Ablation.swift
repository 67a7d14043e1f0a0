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
  public static func mean(of reference: ActivationCache, over mean: Mean) -> Ablation {
    Ablation(
      source: .table(
        reference.map { tensor, point in
          let positional = tensor.mean(axis: 0, keepingAxis: true)
          guard mean == .global, !point.activation.isBetweenPositions else { return positional }
          return positional.mean(axis: 1, keepingAxis: true)
        }))
  }

  /// The mean of a reference run over those of its tokens that count: not its padding, for instance.
  ///
  /// `counting` has a mark for each token of that run, `batch · position` of them, as the mask of its `TokenBatch`. In
  /// scores and patterns it is the query that counts. Throws when there is nothing to take the mean of: no token at
  /// all, or none at a position of a mean by positions.
  public static func mean(
    of reference: ActivationCache, over mean: Mean, counting mask: [Bool]
  ) throws(InterventionError) -> Ablation {
    var table = ActivationCache(of: reference.configuration)
    for point in reference.points {
      let isGlobal = mean == .global && !point.activation.isBetweenPositions
      table[point] =
        isGlobal
        ? try meanOfTokens(reference[point], mask)
        : try meanOfRows(reference[point], along: point.activation.positionAxis, counting: mask)
    }
    return Ablation(source: .table(table))
  }

  /// The mean, position by position, of those reference examples that share an example's label.
  ///
  /// `labels` has one for each example of the reference run (its template, say), `examples` one for each example that
  /// will be ablated, `counting` one mark for each token of the reference run, of which those that are not set are left
  /// out of their position's mean; all count unless given. Throws when a label has no reference example, and when none
  /// of them counts at some position.
  public static func mean<Label: Hashable>(
    of reference: ActivationCache, within labels: [Label], for examples: [Label], counting mask: [Bool]? = nil
  ) throws(InterventionError) -> Ablation {
    var members: [Label: [Int]] = [:]
    for (row, label) in labels.enumerated() { members[label, default: []].append(row) }
    if let lonely = examples.first(where: { members[$0] == nil }) {
      throw .unsupported("no reference example has the label \(lonely), so that there is no mean for it")
    }
    let groups = Array(Set(examples))
    let places = Dictionary(uniqueKeysWithValues: groups.enumerated().map { ($0.element, $0.offset) })
    var table = ActivationCache(of: reference.configuration)
    for point in reference.points {
      let tensor = reference[point]
      precondition(
        tensor.shape[0] == labels.count, "\(labels.count) labels for \(tensor.shape[0]) reference examples")
      var means: [Tensor] = []
      for group in groups {
        let rows = members[group] ?? []
        guard let mask else {
          means.append(tensor.gathered(at: rows).mean(axis: 0))
          continue
        }
        let mean = try meanOfRows(tensor, along: point.activation.positionAxis, counting: mask, rows: rows)
        means.append(mean.slice(axis: 0, at: 0))
      }
      table[point] = Tensor.stacked(means).gathered(at: examples.map { places[$0] ?? 0 })
    }
    return Ablation(source: .table(table))
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
private func meanOfTokens(_ tensor: Tensor, _ mask: [Bool]) throws(InterventionError) -> Tensor {
  let tokens = tensor.shape[0] * tensor.shape[1]
  precondition(mask.count == tokens, "\(mask.count) marks for \(tokens) tokens")
  let rest = Array(tensor.shape.dropFirst(2))
  let counted = mask.indices.filter { mask[$0] }
  guard !counted.isEmpty else { throw .unsupported("no token counts, so that there is no mean") }
  return tensor.reshaped([tokens] + rest).gathered(at: counted).mean(axis: 0).reshaped([1, 1] + rest)
}

/// The mean at each position over the rows whose token counts there, in a shape that broadcasts over examples.
private func meanOfRows(
  _ tensor: Tensor, along axis: Int, counting mask: [Bool], rows: [Int]? = nil
) throws(InterventionError) -> Tensor {
  let (batch, positions) = (tensor.shape[0], tensor.shape[axis])
  precondition(mask.count == batch * positions, "\(mask.count) marks for \(batch * positions) tokens")
  var means: [Tensor] = []
  for position in 0..<positions {
    let counted = (rows ?? Array(0..<batch)).filter { mask[$0 * positions + position] }
    guard !counted.isEmpty else {
      throw .unsupported("no token counts at position \(position), so that there is no mean for it")
    }
    let column = tensor.slice(axis: axis, position..<position + 1)
    means.append(column.gathered(at: counted).mean(axis: 0, keepingAxis: true))
  }
  return Tensor.concatenated(means, axis: axis)
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
