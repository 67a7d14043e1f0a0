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

  /// Each activation with a penalty and a learning rate that suit it below.
  static let variants: [(SparseAutoencoder.Activation, SparseAutoencoderTraining.SparsityPenalty, Float)] = [
    (.relu, .l1Sum(0.1), 3e-3), (.topK(2), .none, 3e-3), (.batchTopK(2), .none, 3e-3),
    (.jumpReLU(bandwidth: 1e-3, threshold: 0.1), .l0(0.02), 1e-2),
    (.jumpReLU(bandwidth: 0.2, threshold: 0.1), .l0(0.02), 1e-2), (.gated, .l1Sum(0.4), 1e-2),
  ]

  @Test("learns sparse directions that it is given, whatever its activation", arguments: variants)
  func recovery(
    _ activation: SparseAutoencoder.Activation, _ penalty: SparseAutoencoderTraining.SparsityPenalty,
    _ learningRate: Float
  ) {
    var stream = RandomStream(seed: 6)
    let (features, inputs) = (24, 16)
    let directions = SparseAutoencoder(.init(inputs: inputs, latents: features), using: stream).decoderWeight
    var trainer = SparseAutoencoderTrainer(
      SparseAutoencoder(
        .init(inputs: inputs, latents: 48, activation: activation, decoderBias: .none), using: stream.derived("model")),
      settings: SparseAutoencoderTraining(learningRate: learningRate, penalty: penalty))
    let before = meanMaxCosine(of: directions, in: trainer.autoencoder.decoderWeight)
    for _ in 0..<1000 {
      let strengths = stream.uniform([128, features]) * stream.uniform([128, features]).mask { $0 < 0.06 }
      trainer.step(on: strengths.matmul(directions))
    }
    let after = meanMaxCosine(of: directions, in: trainer.autoencoder.decoderWeight)
    #expect(before.mean < 0.75)
    #expect(after.mean > 0.92)
  }

  @Test("hears of more thresholds from a batch the wider its bandwidth is", arguments: [1e-3, 0.05] as [Float])
  func bandwidth(_ bandwidth: Float) {
    var stream = RandomStream(seed: 8)
    var trainer = SparseAutoencoderTrainer(
      SparseAutoencoder(
        .init(inputs: 16, latents: 48, activation: .jumpReLU(bandwidth: bandwidth, threshold: 0.1), decoderBias: .none),
        using: stream.derived("model")),
      settings: SparseAutoencoderTraining(penalty: .l0(0.01)))
    // The share of thresholds that a batch of 128 says anything about.
    _ = trainer.computeGradient(on: stream.uniform([128, 16]) * 0.5)
    let touched = trainer.gradient.logThreshold.elements.count { $0 != 0 }
    #expect(bandwidth < 0.01 ? touched < 24 : touched > 40)
  }

  @Test("can be made of its weights, whatever its activation")
  func weights() throws {
    var stream = RandomStream(seed: 9)
    let (encoder, decoder, bias) = (stream.normal([3, 4]), stream.normal([4, 3]), stream.normal([4]))
    let batch = stream.normal([10, 3])
    let pre = batch.matmul(encoder)
    func made(
      _ activation: SparseAutoencoder.Activation, gate: Tensor? = nil, scale: Tensor? = nil, thresholds: Tensor? = nil
    ) -> SparseAutoencoder {
      SparseAutoencoder(
        .init(inputs: 3, latents: 4, activation: activation, decoderBias: .none), encoderWeight: encoder,
        encoderBias: bias, decoderWeight: decoder, gateBias: gate, magnitudeScale: scale, thresholds: thresholds)
    }
    let gate = Tensor([0.5, -0.5, 0.2, -1], [4])
    let scale = Tensor([0.1, -0.3, 0.2, 0], [4])
    let gated = made(.gated, gate: gate, scale: scale)
    #expect(gated.gateBias == gate && gated.magnitudeScale == scale && gated.thresholds == nil)
    let open = (pre + gate).mask { $0 > 0 }
    #expect(gated.encode(batch).maximumDifference(from: open * (pre * scale.exp() + bias).map { max($0, 0) }) < 1e-5)
    let thresholds = Tensor([0, 0.5, 1, 0.25], [4])
    let jumping = made(.jumpReLU(), thresholds: thresholds)
    #expect(try #require(jumping.thresholds).maximumDifference(from: thresholds) < 1e-6)
    let latents = pre + bias
    #expect(
      jumping.encode(batch).maximumDifference(from: latents * (latents - thresholds).mask { $0 > 0 }) < 1e-5)
    let one = made(.batchTopK(2), thresholds: Tensor(repeating: 0.5, [4]))
    #expect(one.batchThreshold == 0.5)
    // A dictionary is kept as it is given until it is trained.
    #expect(jumping.decoderWeight == decoder)
  }

  @Test("is brought to the unit sphere before it is trained there, and only where it is off")
  func projection() {
    var stream = RandomStream(seed: 10)
    let batch = stream.normal([32, 6])
    var autoencoder = SparseAutoencoder(.init(inputs: 6, latents: 9), using: stream)
    let unit = autoencoder.decoderWeight
    autoencoder.decoderWeight = unit * 3
    let settings = SparseAutoencoderTraining(penalty: .l1Sum(0.1))
    var trainer = SparseAutoencoderTrainer(autoencoder, settings: settings)
    #expect(trainer.autoencoder.decoderWeight.maximumDifference(from: unit) < 1e-6)
    let start = trainer.autoencoder.decoderWeight
    trainer.step(on: batch)
    #expect((trainer.first.decoder * start).sum(axis: 1).magnitudes().maximum() < 1e-6)
    autoencoder.decoderWeight = unit
    #expect(SparseAutoencoderTrainer(autoencoder, settings: settings).autoencoder.decoderWeight == unit)
  }
}
