// The activations of one run, by name: what `runWithCache` returns.

import Tensors

/// The activations that were asked for in one run.
///
///     cache[.pattern, layer: 5]
///     cache["blocks.5.attn.hook_pattern"]
public struct ActivationCache: Sendable {
  /// The architecture of the model that ran.
  public let configuration: TransformerConfiguration

  /// The hook points that are held, in the order in which they were computed.
  public private(set) var points: [HookPoint] = []

  private var tensors: [HookPoint: Tensor] = [:]

  /// Creates an empty cache.
  public init(of configuration: TransformerConfiguration) { self.configuration = configuration }

  /// The full names that are held, in the order in which they were computed.
  public var names: [String] { points.map(\.name) }

  /// The number of floats that are held.
  public var elementCount: Int { points.reduce(0) { $0 + (tensors[$1]?.count ?? 0) } }

  /// Whether an activation is held.
  public func contains(_ point: HookPoint) -> Bool { tensors[point] != nil }

  /// Whether an activation with this full name is held.
  public func contains(_ name: String) -> Bool { HookPoint(name).map(contains) ?? false }

  /// An activation by its kind; negative layers count from the last.
  public subscript(_ activation: ActivationName, layer layer: Int? = nil) -> Tensor {
    let layer = layer.map { $0 < 0 ? configuration.nLayers + $0 : $0 }
    return self[HookPoint(activation, layer: layer)]
  }

  /// An activation by its full name.
  public subscript(_ name: String) -> Tensor {
    guard let point = HookPoint(name) else { preconditionFailure("\(name) is not the name of a hook point") }
    return self[point]
  }

  /// An activation by its place.
  public internal(set) subscript(_ point: HookPoint) -> Tensor {
    get {
      guard let tensor = tensors[point] else {
        preconditionFailure("\(point) is not in the cache: name it when the model runs")
      }
      return tensor
    }
    set {
      if tensors.updateValue(newValue, forKey: point) == nil { points.append(point) }
    }
  }

  /// One activation of each layer, stacked: `[layer, ...]`.
  public func stacked(_ activation: ActivationName) -> Tensor {
    Tensor.stacked((0..<configuration.nLayers).map { self[activation, layer: $0] })
  }

  /// The same activations of some rows of the batch.
  public func rows(_ rows: Range<Int>) -> ActivationCache {
    map { tensor, _ in tensor.slice(axis: 0, rows) }
  }

  /// The same activations at some positions; between positions, at some queries.
  public func positions(_ positions: Range<Int>) -> ActivationCache {
    map { tensor, point in tensor.slice(axis: point.activation.positionAxis, positions) }
  }

  /// A cache of the same names with other tensors.
  public func map(_ transform: (_ tensor: Tensor, _ point: HookPoint) throws -> Tensor) rethrows -> ActivationCache {
    var result = ActivationCache(of: configuration)
    for point in points { result[point] = try transform(self[point], point) }
    return result
  }
}
