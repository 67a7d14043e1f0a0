// How value-type models meet gradients and optimisers: a model names its parameters, and everything else goes by name.
//
//     struct Autoencoder: Parameterized {
//       var W: Tensor, b: Tensor
//       mutating func visitParameters(_ visit: ParameterVisitor) {
//         visit("W", &W)
//         visit("b", &b)
//       }
//     }
//
//     let (loss, gradients) = model.valueAndGradients { parameters in
//       let hidden = Variable(batch).matmul(parameters["W"])
//       …
//     }
//     optimizer.update(&model, with: gradients)

/// Receives one parameter with its name, and may change it in place.
public typealias ParameterVisitor = (_ name: String, _ parameter: inout Tensor) -> Void

/// A model whose parameters can be listed, recorded on a tape and updated in place.
public protocol Parameterized {
  /// Shows every parameter to the visitor, with a name of its own and always in the same order.
  ///
  /// A part is visited under a prefix with `visitParameters(under:of:_:)`.
  mutating func visitParameters(_ visit: ParameterVisitor)
}

extension Parameterized {
  /// Shows the parameters of a part of the model, their names prefixed by the part's name and a dot.
  public func visitParameters<Part: Parameterized>(under name: String, of part: inout Part, _ visit: ParameterVisitor) {
    part.visitParameters { visit("\(name).\($0)", &$1) }
  }

  /// The parameters with their names, in the order of the visit.
  public var namedParameters: [(name: String, value: Tensor)] {
    var copy = self
    var list: [(name: String, value: Tensor)] = []
    copy.visitParameters { list.append(($0, $1)) }
    return list
  }

  /// The number of trainable numbers in the model.
  public var parameterCount: Int { namedParameters.reduce(0) { $0 + $1.value.count } }

  /// The value of a scalar loss and its gradient with respect to every parameter of the model.
  ///
  /// The closure computes the loss from the parameters that it is handed; what it reads from the model itself counts
  /// as constant.
  public func valueAndGradients(_ loss: (Parameters) throws -> Variable) rethrows -> (
    value: Float, gradients: Gradients
  ) {
    let tape = Tape()
    let parameters = Parameters(of: self, on: tape)
    let output = try loss(parameters)
    guard output.tape != nil else {
      // A loss that reads no parameter is constant: its gradient is zero.
      return (output.scalar, Gradients(parameters.all.map { ($0.name, Tensor(zeros: $0.variable.shape)) }))
    }
    let tensors = tape.gradients(of: output, with: parameters.all.map(\.variable), releasing: true)
    return (output.scalar, Gradients(Array(zip(parameters.all.map(\.name), tensors))))
  }
}

/// A plain list of tensors is the smallest model; the names are the positions.
extension Array: Parameterized where Element == Tensor {
  /// Shows every tensor under its position: "0", "1", and so on.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    for index in indices { visit("\(index)", &self[index]) }
  }
}
