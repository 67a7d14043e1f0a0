import Transformer

/// The models of the zoo that can write on.
extension ZooModel {
  static let causal = all.filter { $0.configuration.direction == .causal }

  /// The model of a name.
  static func named(_ name: String) -> HookedTransformer {
    guard let kind = all.first(where: { $0.description == name }) else { preconditionFailure("no model \(name)") }
    return kind.model
  }
}
