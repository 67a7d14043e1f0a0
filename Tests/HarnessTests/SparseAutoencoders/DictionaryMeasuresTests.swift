// What is measured on held-out samples, on an autoencoder made by hand.

import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("Measures of a dictionary") struct DictionaryMeasuresTests {
  /// Two latents read the two inputs, a third needs more of the first than occurs but once; reconstructions are halved.
  private func autoencoder(scale: Float = 1) -> SparseAutoencoder {
    SparseAutoencoder(
      .init(inputs: 2, latents: 3, decoderBias: .none),
      encoderWeight: Tensor([scale, 0, scale, 0, scale, 0], [2, 3]), encoderBias: Tensor([0, 0, -2.5 * scale], [3]),
      decoderWeight: Tensor([1, 0, 0, 1, 0, 0], [3, 2]))
  }

  /// 600 samples along the first axis and 399 along the second; the last one alone is far out.
  private var samples: Tensor {
    Tensor((0..<1_000).flatMap { $0 < 600 ? [1, 0] : $0 < 999 ? [0, 1] : [3, 0] as [Float] }, [1_000, 2])
  }

  @Test("A perfect reconstruction leaves nothing unexplained and is not shrunk")
  func perfect() {
    let measures = DictionaryMeasures(autoencoder(), on: samples.slice(axis: 0, 0..<999))
    #expect(measures.unexplained == 0)
    #expect(measures.squaredError == 0)
    #expect(abs(measures.shrinkage) < 1e-6)
    #expect(measures.l0 == 1)
    #expect(abs(measures.l1 - 1) < 1e-6)
    #expect(measures.deadShare == 1 / 3.0)
  }

  @Test("Reconstructions of half the length are shrunk by a half")
  func shrinkage() {
    let samples = samples.slice(axis: 0, 0..<999)
    let measures = DictionaryMeasures(autoencoder(scale: 0.5), on: samples)
    #expect(abs(measures.shrinkage - 0.5) < 1e-6)
    #expect(abs(measures.squaredError - 0.25) < 1e-6)
    let variance = Double((samples - samples.mean(axis: 0)).squared().sum()) / 999
    #expect(abs(measures.unexplained - 0.25 / variance) < 1e-5)
  }

  @Test("A latent that is active in the very last sample is not dead")
  func alive() {
    let measures = DictionaryMeasures(autoencoder(), on: samples)
    #expect(measures.isAlive == [true, true, true])
    #expect(measures.deadShare == 0)
  }
}
