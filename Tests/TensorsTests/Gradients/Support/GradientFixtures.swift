// What PyTorch computed: fixtures/gradients/, written by fixtures/scripts/make_gradients.py.

import Foundation
import Tensors

/// An array as the fixtures hold it.
struct FixtureArray: Decodable, Sendable {
  let shape: [Int]
  let elements: [Double]

  var tensor: Tensor { Tensor(elements.map(Float.init), shape) }
}

/// One operation, its result and its gradients.
struct OperationFixture: Decodable, Sendable {
  let name: String
  let inputs: [FixtureArray]
  let seed: FixtureArray
  let output: FixtureArray
  let gradients: [FixtureArray]

  static func all() throws -> [OperationFixture] { try load("operations.json") }
}

/// Ten steps of one optimiser.
struct OptimizerFixture: Decodable, Sendable {
  let name: String
  let start: [FixtureArray]
  let gradients: [[FixtureArray]]
  let parameters: [[FixtureArray]]
  let rates: [Double]
  let norms: [Double]

  static func all() throws -> [OptimizerFixture] { try load("optimizers.json") }
}

private struct FixtureFile<Case: Decodable>: Decodable {
  let cases: [Case]
}

private func load<Case: Decodable>(_ name: String) throws -> [Case] {
  var folder = URL(filePath: #filePath)
  for _ in 0..<5 { folder.deleteLastPathComponent() }
  let file = folder.appending(path: "fixtures/gradients/\(name)")
  return try JSONDecoder().decode(FixtureFile<Case>.self, from: Data(contentsOf: file)).cases
}

/// The largest difference between a tensor and its reference, relative to the reference's largest element but at least 1.
func largestDifference(_ tensor: Tensor, _ reference: [Double]) -> Double {
  guard tensor.count == reference.count else { return .infinity }
  let scale = max(1, reference.reduce(0) { max($0, abs($1)) })
  let largest = zip(tensor.elements, reference).reduce(0.0) { largest, pair in
    let difference = abs(Double(pair.0) - pair.1)
    return difference <= largest ? largest : difference
  }
  return largest / scale
}
