// How sparse autoencoders start, what their parts mean, and what training keeps.

import Tensors
import Testing

@testable import ToyModels

@Suite("A sparse autoencoder")
struct SparseAutoencoderTests {
  @Test(
    "starts with dictionary vectors of unit length",
    arguments: [SparseAutoencoder.Initialization.transposed(scale: 0.5), .independent(length: 2), .orthogonal()])
  func unitVectors(_ initialization: SparseAutoencoder.Initialization) {
    let autoencoder = SparseAutoencoder(
      .init(inputs: 12, latents: 40, initialization: initialization), using: RandomStream(seed: 1))
    for length in autoencoder.decoderWeight.norm(axis: 1).elements { #expect(abs(length - 1) < 1e-5) }
    #expect(autoencoder.encoderWeight.shape == [12, 40])
    #expect(autoencoder.encoderWeight.transposed() == autoencoder.encoderRows)
    #expect(autoencoder.encoderBias == Tensor(zeros: [40]))
    #expect(autoencoder.decoderBias == Tensor(zeros: [12]))
  }

  @Test("starts with the encoder that its initialisation names")
  func encoders() {
    func start(_ initialization: SparseAutoencoder.Initialization) -> SparseAutoencoder {
      SparseAutoencoder(.init(inputs: 50, latents: 300, initialization: initialization), using: RandomStream(seed: 1))
    }
    let transposed = start(.transposed(scale: 0.5))
    #expect(transposed.encoderRows == transposed.decoderWeight * 0.5)
    let independent = start(.independent(length: 2))
    #expect(abs(independent.encoderRows.norm(axis: 1).mean() - 2) < 0.03)
    let gram = start(.orthogonal()).decoderWeight.slice(axis: 0, 50..<100)
    #expect(gram.matmul(gram, transposingOther: true).isApproximatelyEqual(to: .identity(50), absolute: 1e-5))
  }

  @Test("is its decoder's transpose when tied, and stays so")
  func tied() {
    var stream = RandomStream(seed: 2)
    let batch = stream.normal([32, 6])
    var trainer = SparseAutoencoderTrainer(
      SparseAutoencoder(.init(inputs: 6, latents: 9, isTied: true), using: stream),
      settings: SparseAutoencoderTraining(penalty: .l1Sum(0.1)))
    let before = trainer.autoencoder
    trainer.step(on: batch)
    #expect(trainer.autoencoder.encoderWeight == trainer.autoencoder.decoderWeight.transposed())
    #expect(trainer.autoencoder.decoderWeight != before.decoderWeight)
  }

  @Test("keeps its dictionary on the unit sphere, or lets it go", arguments: SparseAutoencoder.DecoderNorm.allCases)
  func norms(_ norm: SparseAutoencoder.DecoderNorm) {
    var stream = RandomStream(seed: 3)
    var trainer = SparseAutoencoderTrainer(
      SparseAutoencoder(.init(inputs: 6, latents: 9, decoderNorm: norm), using: stream),
      settings: SparseAutoencoderTraining(learningRate: 0.02, penalty: .l1Sum(0.1)))
    for _ in 0..<20 { trainer.step(on: stream.normal([32, 6])) }
    let lengths = trainer.autoencoder.decoderWeight.norm(axis: 1).elements
    let strays = lengths.contains { abs($0 - 1) > 1e-5 }
    #expect(strays == (norm == .free))
  }

  @Test("moves at right angles to its dictionary vectors where the parallel gradient is removed")
  func parallel() {
    var stream = RandomStream(seed: 4)
    let batch = stream.normal([32, 6])
    let autoencoder = SparseAutoencoder(.init(inputs: 6, latents: 9), using: stream)
    for removes in [true, false] {
      var trainer = SparseAutoencoderTrainer(
        autoencoder, settings: SparseAutoencoderTraining(penalty: .l1Sum(0.1), removesParallelGradient: removes))
      trainer.step(on: batch)
      let parallel = (trainer.first.decoder * autoencoder.decoderWeight).sum(axis: 1).magnitudes().maximum()
      #expect((parallel < 1e-6) == removes)
    }
  }

  @Test("has the same penalty per sum and per mean, but for the number of latents")
  func penalties() {
    var stream = RandomStream(seed: 5)
    let batch = stream.normal([16, 6])
    let autoencoder = SparseAutoencoder(.init(inputs: 6, latents: 8), using: stream)
    func losses(_ penalty: SparseAutoencoderTraining.SparsityPenalty) -> SparseAutoencoderLosses {
      var trainer = SparseAutoencoderTrainer(autoencoder, settings: SparseAutoencoderTraining(penalty: penalty))
      return trainer.step(on: batch)
    }
    let (sum, mean) = (losses(.l1Sum(0.5)), losses(.l1Mean(0.5)))
    #expect(abs(sum.sparsity - 0.5 * Double(autoencoder.encode(batch).sum(axis: 1).mean())) < 1e-5)
    #expect(abs(sum.sparsity - 8 * mean.sparsity) < 1e-5)
    #expect(losses(.none).sparsity == 0)
  }

  @Test("makes nothing of nothing, and the same of one sample as of many")
  func batches() {
    var stream = RandomStream(seed: 7)
    let autoencoder = SparseAutoencoder(.init(inputs: 6, latents: 9), using: stream)
    #expect(autoencoder.encode(Tensor(zeros: [0, 6])).shape == [0, 9])
    let batch = stream.normal([1500, 6])
    let latents = autoencoder.encode(batch)
    let last = autoencoder.encode(batch.slice(axis: 0, 1499..<1500))
    #expect(last.isApproximatelyEqual(to: latents.slice(axis: 0, 1499..<1500), absolute: 1e-6))
  }

  @Test("learns sparse directions that it is given")
  func recovery() {
    var stream = RandomStream(seed: 6)
    let (features, inputs) = (24, 16)
    let directions = SparseAutoencoder(.init(inputs: inputs, latents: features), using: stream).decoderWeight
    var trainer = SparseAutoencoderTrainer(
      SparseAutoencoder(.init(inputs: inputs, latents: 48, decoderBias: .none), using: stream.derived("model")),
      settings: SparseAutoencoderTraining(learningRate: 3e-3, penalty: .l1Sum(0.1)))
    let before = meanMaxCosine(of: directions, in: trainer.autoencoder.decoderWeight)
    for _ in 0..<1000 {
      let strengths = stream.uniform([128, features]) * stream.uniform([128, features]).mask { $0 < 0.06 }
      trainer.step(on: strengths.matmul(directions))
    }
    let after = meanMaxCosine(of: directions, in: trainer.autoencoder.decoderWeight)
    #expect(before.mean < 0.75)
    #expect(after.mean > 0.92)
  }
}
