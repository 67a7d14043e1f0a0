// What PyTorch computed, as fixtures/scripts/make_superposition.py wrote it.

import Tensors

@testable import ToyModels

/// One file of `fixtures/superposition`: inputs, and what came out of them in either precision.
struct SuperpositionFixture: Decodable {
  static let names = ["relu-output", "linear", "relu-hidden", "absolute-value"]

  typealias Numbers = ReferenceArray

  struct Parameters: Decodable {
    var encoder: Numbers
    var decoder: Numbers?
    var bias: Numbers
  }

  struct Architecture: Decodable {
    var hiddenActivation, outputActivation, target: String
    var isTied: Bool
  }

  struct Optimizer: Decodable {
    var steps: Int
    var learningRate, weightDecay: Float
  }

  struct Results: Decodable {
    var hidden, output, loss: Numbers
    var gradient: Parameters
    /// `[step, instance, …]` after each step.
    var trajectory: Parameters
  }

  enum Precision: String, CaseIterable, Sendable { case float32, float64 }

  var architecture: Architecture
  var optimizer: Optimizer
  var x, importance: Numbers
  var parameters: Parameters
  var float32, float64: Results

  init(_ name: String) throws {
    self = try ReferenceNumbers.read("superposition/\(name)", as: Self.self)
  }

  func results(_ precision: Precision) -> Results { precision == .float32 ? float32 : float64 }

  /// The models before training.
  func model() throws -> SuperpositionModel {
    let hidden = try required(SuperpositionArchitecture.Activation(rawValue: architecture.hiddenActivation))
    let output = try required(SuperpositionArchitecture.Activation(rawValue: architecture.outputActivation))
    let target = try required(SuperpositionArchitecture.Target(rawValue: architecture.target))
    return SuperpositionModel(
      architecture: SuperpositionArchitecture(
        features: parameters.encoder.shape[1], hidden: parameters.encoder.shape[2], hiddenActivation: hidden,
        outputActivation: output, isTied: architecture.isTied, target: target),
      encoder: parameters.encoder.tensor, decoder: parameters.decoder?.tensor, bias: parameters.bias.tensor)
  }

  /// A trainer that starts from the fixture's models with its optimiser.
  func trainer() throws -> SuperpositionTrainer {
    let model = try model()
    return SuperpositionTrainer(
      model, distributions: [FeatureDistribution(features: model.architecture.features, density: 0.4)],
      importance: importance.tensor.elements,
      settings: SuperpositionTraining(
        steps: optimizer.steps, batchSize: x.shape[0], learningRate: optimizer.learningRate, schedule: .cosine,
        weightDecay: optimizer.weightDecay),
      using: RandomStream(seed: 0))
  }

  private struct UnknownName: Error {}

  private func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw UnknownName() }
    return value
  }
}

/// The largest |measured − expected| relative to max(1, |expected|).
func largestError(_ measured: some Sequence<Float>, _ expected: some Sequence<Double>) -> Double {
  zip(measured, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1) / max(1, abs($1.1))) }
}

/// The largest |measured − expected| relative to the largest |expected|: strict where all numbers are small.
func largestErrorOfScale(_ measured: some Sequence<Float>, _ expected: some Collection<Double>) -> Double {
  let scale = expected.reduce(.leastNormalMagnitude) { max($0, abs($1)) }
  return zip(measured, expected).reduce(0) { max($0, abs(Double($1.0) - $1.1) / scale) }
}
