// The gradients of a model's parameters, by name and in the order of its visit.

/// One gradient for each parameter of a model.
public struct Gradients: Sendable {
  /// The parameters' names in the order of the model's visit.
  public let names: [String]

  /// The gradients in the same order.
  public var tensors: [Tensor]

  /// Creates the gradients of the parameters listed.
  public init(_ gradients: [(name: String, value: Tensor)]) {
    names = gradients.map(\.name)
    tensors = gradients.map(\.value)
  }

  /// Creates gradients for a model from tensors in the order of its visit.
  public init(_ tensors: [Tensor], of model: some Parameterized) {
    names = model.namedParameters.map(\.name)
    precondition(names.count == tensors.count, "\(tensors.count) gradients for the parameters \(names)")
    self.tensors = tensors
  }

  /// The gradient of a parameter; writing replaces it, for instance by its part orthogonal to the parameter.
  public subscript(_ name: String) -> Tensor {
    get { tensors[position(of: name)] }
    set { tensors[position(of: name)] = newValue }
  }

  private func position(of name: String) -> Int {
    guard let position = names.firstIndex(of: name) else {
      preconditionFailure("there is no gradient of \(name) among \(names.joined(separator: ", "))")
    }
    return position
  }
}
