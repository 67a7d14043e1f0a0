// Autoencoders in SAELens's form: files that Python wrote, our own, and files that must be refused.

import Foundation
import Tensors
import Testing
import ToyModels
import Transformer

@testable import Replications

@Suite("A sparse autoencoder in SAELens's form") struct SparseAutoencoderFilesTests {
  struct Expected: Decodable { var x, features, output: [Float] }

  private let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../fixtures/sparse-autoencoders/saelens").standardizedFileURL

  @Test("computes what SAELens does", arguments: ["standard", "topk", "jumprelu", "gated"])
  func reading(architecture: String) throws {
    let folder = fixtures.appending(path: architecture)
    let expected = try JSONDecoder().decode(
      Expected.self, from: Data(contentsOf: folder.appending(path: "expected.json")))
    let autoencoder = try SparseAutoencoder(folder: folder.path)
    let features = autoencoder.encode(Tensor(expected.x, [8, 6]))
    #expect(features.maximumDifference(from: Tensor(expected.features, [8, 10])) < 2e-5)
    #expect(autoencoder.decode(features).maximumDifference(from: Tensor(expected.output, [8, 6])) < 2e-5)
    #expect(features.elements.contains { $0 > 0 } && features.elements.contains(0))
    #expect(autoencoder.configuration.decoderNorm == .free)
  }

  @Test(
    "comes back from its file as the same function",
    arguments: [SparseAutoencoder.Activation.relu, .topK(3), .batchTopK(3), .jumpReLU(threshold: 0.4), .gated])
  func writing(_ activation: SparseAutoencoder.Activation) async throws {
    try await withTemporaryFolder { folder in
      var stream = RandomStream(seed: 1)
      var autoencoder = SparseAutoencoder(.init(inputs: 6, latents: 10, activation: activation), using: stream)
      autoencoder.encoderBias = stream.normal([10]) * 0.2
      autoencoder.decoderBias = stream.normal([6])
      switch activation {
      case .gated:
        autoencoder.gateBias = stream.normal([10]) * 0.2
        autoencoder.magnitudeScale = stream.normal([10]) * 0.2
      case .batchTopK: autoencoder.thresholds = Tensor(repeating: 0.3, [10])
      case .jumpReLU: autoencoder.thresholds = stream.uniform([10])
      case .relu, .topK: break
      }
      let path = folder.appending(path: "sae").path
      try autoencoder.save(to: path)
      let read = try SparseAutoencoder(folder: path)
      let activations = stream.normal([20, 6])
      #expect(read.encode(activations).maximumDifference(from: autoencoder.encode(activations)) < 1e-6)
      #expect(read.reconstruct(activations).maximumDifference(from: autoencoder.reconstruct(activations)) < 1e-5)
      #expect(read.decoderWeight == autoencoder.decoderWeight && read.configuration.decoderNorm == .unit)
      if case .relu = activation { #expect(read == autoencoder) }
    }
  }

  @Test(
    "is refused where something else would be computed",
    arguments: [
      ("\"none\"", "\"layer_norm\"", "normalize_activations is 'layer_norm'"),
      ("standard", "matryoshka", "the architecture is 'matryoshka'"),
      ("\"d_sae\": 10", "\"d_sae\": 11", "cfg.json says [11, 6]"),
      ("\"d_in\": 6", "\"d_in\": -6", "d_in is -6"), ("standard", "topk", "k is not given"),
      ("standard", "jumprelu", "threshold"), ("{", "[", "not a configuration"),
    ])
  func refusal(from original: String, to replacement: String, reason: String) async throws {
    try await withTemporaryFolder { folder in
      for name in ["cfg.json", "sae_weights.safetensors"] {
        try FileManager.default.copyItem(
          at: fixtures.appending(path: "standard/\(name)"), to: folder.appending(path: name))
      }
      let file = folder.appending(path: "cfg.json")
      let text = try String(contentsOf: file, encoding: .utf8)
      try text.replacing(original, with: replacement, maxReplacements: 1).write(
        to: file, atomically: true, encoding: .utf8)
      let error = #expect(throws: CheckpointError.self) { try SparseAutoencoder(folder: folder.path) }
      #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }
  }
}
