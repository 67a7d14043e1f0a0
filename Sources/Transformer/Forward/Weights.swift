// Where a forward pass takes its weights from: the model itself, or its parameters on a tape.

import Tensors

/// The weights of a model as variables: constants for analysis, on a tape for training.
struct Weights {
  private let parameters: Parameters?
  private let prefix: String

  /// The weights of the model itself, as constants.
  static var constant: Weights { Weights(parameters: nil, prefix: "") }

  private init(parameters: Parameters?, prefix: String) {
    self.parameters = parameters
    self.prefix = prefix
  }

  /// The weights as the parameters of a computation.
  init(_ parameters: Parameters) { self.init(parameters: parameters, prefix: "") }

  /// The weights of a part of the model.
  func part(_ name: @autoclosure () -> String) -> Weights {
    parameters == nil ? self : Weights(parameters: parameters, prefix: prefix + name() + ".")
  }

  /// One weight: the parameter of that name, or the tensor.
  func callAsFunction(_ name: String, _ tensor: Tensor) -> Variable {
    parameters.map { $0[prefix + name] } ?? Variable(tensor)
  }

  /// One weight that may be missing.
  func callAsFunction(_ name: String, _ tensor: Tensor?) -> Variable? {
    tensor.map { self(name, $0) }
  }
}
