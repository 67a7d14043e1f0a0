import Plotting

extension Repetition {
  func figures(_ seeds: [Observation]) throws -> [Drawing] { [] }
}
