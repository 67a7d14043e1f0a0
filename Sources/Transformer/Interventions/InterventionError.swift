// What can be wrong with an intervention that is not a rule of its caller.

import Tensors

/// An intervention that cannot be made on a model, or with the caches it was given.
public enum InterventionError: Error, Equatable, CustomStringConvertible {
  /// A cache lacks an activation that is needed.
  case missing(String, from: String)
  /// An activation has another shape than that of the run it is put into.
  case shape(String, expected: [Int], found: [Int])
  /// The architecture has no such part, or the method is not defined on it.
  case unsupported(String)

  /// A sentence that names the activation.
  public var description: String {
    switch self {
    case .missing(let name, let source): "\(name) is not in \(source): name it when that run is made"
    case .shape(let name, let expected, let found):
      "\(name) has the shape \(found) where the run has \(expected)"
    case .unsupported(let reason): reason
    }
  }
}

extension ActivationCache {
  /// An activation that somebody else was to put there, in the shape that is expected.
  func required(
    _ point: HookPoint, from source: String, shape: [Int]? = nil
  ) throws(InterventionError) -> Tensor {
    guard contains(point) else { throw .missing(point.name, from: source) }
    let tensor = self[point]
    if let shape, tensor.shape != shape { throw .shape(point.name, expected: shape, found: tensor.shape) }
    return tensor
  }
}
