// A model's parameters as variables, looked up by name: what a forward pass computes from.

/// The parameters of a model as variables, on a tape for training or constant for analysis.
public struct Parameters {
  /// Every parameter in the order of the model's visit.
  let all: [(name: String, variable: Variable)]
  private let positions: [String: Int]
  private let prefix: String

  /// Creates the variables of a model's parameters; without a tape they are constants.
  public init(of model: some Parameterized, on tape: Tape? = nil) {
    let named = model.namedParameters
    var positions: [String: Int] = [:]
    positions.reserveCapacity(named.count)
    for (position, parameter) in named.enumerated() {
      let earlier = positions.updateValue(position, forKey: parameter.name)
      precondition(earlier == nil, "two parameters of one model are named \(parameter.name)")
    }
    self.positions = positions
    all = named.map { ($0.name, tape?.variable($0.value) ?? Variable($0.value)) }
    prefix = ""
  }

  private init(_ parameters: Parameters, prefix: String) {
    all = parameters.all
    positions = parameters.positions
    self.prefix = prefix
  }

  /// The names that can be looked up, in the order of the model's visit.
  public var names: [String] {
    all.map(\.name).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  /// The variable of a parameter.
  public subscript(_ name: String) -> Variable {
    guard let position = positions[prefix + name] else {
      preconditionFailure("there is no parameter \(prefix + name) among \(all.map(\.name).joined(separator: ", "))")
    }
    return all[position].variable
  }

  /// The parameters of one part, looked up by their names within it.
  public func part(_ name: String) -> Parameters {
    Parameters(self, prefix: "\(prefix)\(name).")
  }
}
