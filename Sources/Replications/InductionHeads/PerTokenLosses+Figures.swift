import Plotting

extension PerTokenLosses {
  func figures(_ seeds: [Observation]) throws -> [Drawing] { [] }
}
