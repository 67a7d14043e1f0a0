// What can be wrong with a run's hooks.

/// A hook or a choice of activations that a run cannot honour.
public enum HookError: Error, Equatable, CustomStringConvertible {
  /// The model has no hook point of that name.
  case unknownName(String, nearest: String?)
  /// A choice that names nothing of this model.
  case matchesNothing(String)
  /// A choice that names a layer which the model does not have.
  case noSuchLayer(Int, layers: Int)
  /// The run ended, or began, without computing the activation.
  case neverFires(String)
  /// A hook returned another shape than it was given.
  case shapeChanged(String, from: [Int], to: [Int])

  /// A sentence that names the hook.
  public var description: String {
    switch self {
    case .unknownName(let name, let nearest):
      "the model has no hook point \(name)\(nearest.map { "; the nearest name is \($0)" } ?? "")"
    case .matchesNothing(let choice): "no hook point of this model is chosen by \(choice)"
    case .noSuchLayer(let layer, let layers):
      "there is no layer \(layer) in a model of \(layers) layers, which are counted from 0"
    case .neverFires(let name): "\(name) is not computed in this run: it lies outside the layers that are run"
    case .shapeChanged(let name, let from, let to):
      "the hook on \(name) changed its shape from \(from) to \(to)"
    }
  }
}
