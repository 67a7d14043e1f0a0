// The hooks of one run, looked up by place, and the activations it leaves.

import Tensors

/// What happens at each hook point of one run.
struct HookTable {
  private let hooks: [HookPoint: [Hook]]
  private let cached: Set<HookPoint>
  private let differentiated: Set<HookPoint>
  private let positions: Range<Int>?
  private let tape: Tape?

  /// What has been kept so far.
  private(set) var cache: ActivationCache
  /// The variables whose gradients are asked for, as far as they have been computed.
  private(set) var variables: [HookPoint: Variable] = [:]

  /// Whether nothing happens anywhere.
  let isEmpty: Bool

  /// Resolves the choices of a run; a choice that names what the run does not compute is an error.
  init(
    _ options: RunOptions, of configuration: TransformerConfiguration, isComputed: (HookPoint) -> Bool,
    differentiated: HookFilter = .none, tape: Tape? = nil
  ) throws(HookError) {
    var table: [HookPoint: [Hook]] = [:]
    for hook in options.hooks {
      let points = try HookTable.points(hook.filter, configuration, isComputed)
      guard !points.isEmpty else { throw .matchesNothing(hook.filter.description) }
      for point in points { table[point, default: []].append(hook) }
    }
    hooks = table
    cached = Set(try HookTable.points(options.cached, configuration, isComputed))
    self.differentiated = Set(try HookTable.points(differentiated, configuration, isComputed))
    positions = options.cachedPositions
    self.tape = tape
    cache = ActivationCache(of: configuration)
    isEmpty = table.isEmpty && cached.isEmpty && self.differentiated.isEmpty
  }

  private static func points(
    _ filter: HookFilter, _ configuration: TransformerConfiguration, _ isComputed: (HookPoint) -> Bool
  ) throws(HookError) -> [HookPoint] {
    let chosen = try filter.points(of: configuration)
    let computed = chosen.filter(isComputed)
    if filter.namesEach, let missing = chosen.first(where: { !isComputed($0) }) { throw .neverFires(missing.name) }
    // Of a kind in every layer some must fire; of what is chosen otherwise, something.
    let kinds = filter.kinds.isEmpty ? [chosen] : filter.kinds.map { kind in chosen.filter { $0.activation == kind } }
    for places in kinds where !places.contains(where: isComputed) {
      if let first = places.first { throw .neverFires(first.name) }
    }
    return computed
  }

  /// Whether an activation may be replaced, or must be on the tape: what is computed from it has to be computed after
  /// it, not in one step with it.
  func isExplicit(_ activation: ActivationName, _ layer: Int?) -> Bool {
    guard !isEmpty else { return false }
    let point = HookPoint(activation, layer: layer)
    return hooks[point] != nil || differentiated.contains(point)
  }

  /// Whether anything happens to an activation.
  func isWatched(_ activation: ActivationName, _ layer: Int?) -> Bool {
    guard !isEmpty else { return false }
    return cached.contains(HookPoint(activation, layer: layer)) || isExplicit(activation, layer)
  }

  /// Whether nothing happens to any activation of a layer.
  func isUntouched(layer: Int) -> Bool {
    isEmpty
      || !cached.contains { $0.layer == layer } && !hooks.keys.contains { $0.layer == layer }
        && !differentiated.contains { $0.layer == layer }
  }

  /// Passes an activation through what happens at its place.
  mutating func pass(_ activation: ActivationName, _ layer: Int? = nil, _ value: Variable) throws -> Variable {
    guard !isEmpty else { return value }
    let point = HookPoint(activation, layer: layer)
    var value = value
    if let hooks = hooks[point] {
      for hook in hooks {
        let shape = value.shape
        value = try hook.apply(value, point)
        guard value.shape == shape else { throw HookError.shapeChanged(point.name, from: shape, to: value.shape) }
      }
    }
    if differentiated.contains(point), let tape {
      // An entry of its own on the tape, so that the gradient is of what goes through this place alone: the stream that an
      // MLP reads is also the stream that goes on beside it.
      value = value.tape == nil ? tape.variable(value.value) : Variable.custom([value], result: value.value) { [$0] }
      variables[point] = value
    }
    if cached.contains(point) {
      cache[point] = positions.map { value.value.slice(axis: activation.positionAxis, $0) } ?? value.value
    }
    return value
  }

  /// Keeps an activation that is computed only if somebody watches it, and that nobody changes.
  mutating func keep(_ activation: ActivationName, _ layer: Int?, _ value: @autoclosure () -> Tensor) throws {
    guard isWatched(activation, layer) else { return }
    _ = try pass(activation, layer, Variable(value()))
  }
}
