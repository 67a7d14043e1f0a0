// What PyTorch computed for sparse autoencoders, as fixtures/scripts/make_sparse_autoencoders.py wrote it.

import Tensors

@testable import ToyModels

/// One file of `fixtures/sparse-autoencoders`: a variant, its inputs, and what came of them in double precision.
struct SparseAutoencoderFixture: Decodable {
  static let names = [
    "relu", "relu-tied", "relu-tied-centered", "relu-free", "topk", "batchtopk", "jumprelu", "jumprelu-l1", "gated",
  ]

  typealias Numbers = ReferenceArray

  struct Variant: Decodable {
    var activation, decoderBias, decoderNorm, reconstruction, penalty: String
    var number: Float?
    var coefficient: Float
    var isTied: Bool
  }

  struct Optimizer: Decodable {
    var steps: Int
    var learningRate: Float
  }

  var variant: Variant
  var optimizer: Optimizer
  var x: Numbers
  var parameters, gradient, trajectory: [String: Numbers]
  var latents, output, losses, totals: Numbers
  var thresholds: Numbers?

  static func named(_ name: String) throws -> SparseAutoencoderFixture {
    try ReferenceNumbers.read("sparse-autoencoders/\(name)", as: Self.self)
  }

  func configuration() throws -> SparseAutoencoder.Configuration {
    let activation: SparseAutoencoder.Activation
    switch variant.activation {
    case "relu": activation = .relu
    case "topK": activation = .topK(Int(variant.number ?? 0))
    case "batchTopK": activation = .batchTopK(Int(variant.number ?? 0))
    case "jumpReLU": activation = .jumpReLU(bandwidth: variant.number ?? 0)
    case "gated": activation = .gated
    default: throw UnknownName(name: variant.activation)
    }
    return SparseAutoencoder.Configuration(
      inputs: x.shape[1], latents: latents.shape[1], activation: activation, isTied: variant.isTied,
      decoderBias: try required(.init(rawValue: variant.decoderBias)),
      decoderNorm: try required(.init(rawValue: variant.decoderNorm)))
  }

  /// The autoencoder before training.
  func autoencoder() throws -> SparseAutoencoder {
    let configuration = try configuration()
    var autoencoder = SparseAutoencoder(configuration, using: RandomStream(seed: 0))
    for (name, path) in Self.paths {
      if let numbers = parameters[name] { autoencoder.parameters[keyPath: path] = numbers.tensor }
    }
    return autoencoder
  }

  /// A trainer that starts from it with the fixture's optimiser.
  func trainer() throws -> SparseAutoencoderTrainer {
    let penalty: SparseAutoencoderTraining.SparsityPenalty
    switch variant.penalty {
    case "none": penalty = .none
    case "l1Sum": penalty = .l1Sum(variant.coefficient)
    case "l1Mean": penalty = .l1Mean(variant.coefficient)
    case "l0": penalty = .l0(variant.coefficient)
    default: throw UnknownName(name: variant.penalty)
    }
    return SparseAutoencoderTrainer(
      try autoencoder(),
      settings: SparseAutoencoderTraining(
        learningRate: optimizer.learningRate, reconstruction: try required(.init(rawValue: variant.reconstruction)),
        penalty: penalty))
  }

  /// Where the parameters are, by the names that the script gives them.
  static let paths: [(name: String, path: WritableKeyPath<SparseAutoencoderParameters, Tensor> & Sendable)] = [
    ("encoder", \.encoder), ("encoderBias", \.encoderBias), ("decoder", \.decoder), ("decoderBias", \.decoderBias),
    ("gateBias", \.gateBias), ("magnitudeScale", \.magnitudeScale), ("logThreshold", \.logThreshold),
  ]

  private struct UnknownName: Error { var name: String }

  private func required<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw UnknownName(name: "") }
    return value
  }
}
