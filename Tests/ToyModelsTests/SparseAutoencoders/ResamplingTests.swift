// What becomes of dead latents, and what is forgotten with them.

import Tensors
import Testing

@testable import ToyModels

@Suite("Resampling dead latents")
struct ResamplingTests {
  typealias Rule = SparseAutoencoderTraining.Resampling

  /// A trainer of which some latents cannot be active, after some steps.
  private func trainer(
    _ activation: SparseAutoencoder.Activation = .relu, isTied: Bool = false, steps: Int = 5, rule: Rule? = nil
  ) -> (trainer: SparseAutoencoderTrainer, batch: Tensor) {
    var stream = RandomStream(seed: 1)
    let batch = stream.normal([40, 6]) + Tensor([3, 0, 0, 0, 0, 0], [6])
    var autoencoder = SparseAutoencoder(
      .init(inputs: 6, latents: 10, activation: activation, isTied: isTied), using: stream)
    for latent in dead { autoencoder.encoderBias[latent] = -50 }
    autoencoder.centerDecoderBias(on: batch)
    var trainer = SparseAutoencoderTrainer(
      autoencoder, settings: SparseAutoencoderTraining(penalty: .l1Sum(0.1), resampling: rule), using: stream)
    for _ in 0..<steps { trainer.step(on: batch) }
    return (trainer, batch)
  }

  private let dead = [2, 7]

  @Test("finds those that were never active in a window")
  func detection() {
    let trainer = trainer().trainer
    #expect(trainer.deadLatents(window: 5) == dead)
    #expect(trainer.deadLatents(window: 6).isEmpty)
    #expect(trainer.lastCounts[2] == 0 && trainer.lastCounts[0] > 0)
  }

  @Test("gives them inputs as vectors, a fifth of the others' length to their encoders, and no bias")
  func bricken() {
    var (trainer, batch) = trainer()
    let before = trainer.autoencoder
    trainer.resample(dead, from: batch)
    let after = trainer.autoencoder
    let alive = (0..<10).filter { !dead.contains($0) }
    let lengths = before.encoderRows.norm(axis: 1).elements
    let expected = 0.2 * alive.reduce(0) { $0 + lengths[$1] } / Float(alive.count)
    let centered = batch - before.decoderBias
    let directions = centered / centered.norm(axis: 1, keepingAxis: true)
    for latent in dead {
      let vector = after.decoderWeight.slice(axis: 0, at: latent)
      #expect((directions - vector).magnitudes().maximum(axis: 1).minimum() < 1e-6, "latent \(latent) is no input")
      let encoder = after.encoderRows.slice(axis: 0, at: latent)
      #expect(encoder.isApproximatelyEqual(to: vector * expected, absolute: 1e-6))
      #expect(after.encoderBias[latent] == 0)
    }
    for latent in alive {
      #expect(after.decoderWeight.slice(axis: 0, at: latent) == before.decoderWeight.slice(axis: 0, at: latent))
      #expect(after.encoderBias[latent] == before.encoderBias[latent])
    }
    #expect(trainer.deadLatents(window: 1).isEmpty)
    #expect(trainer.resampledLatents == 2)
  }

  @Test("draws inputs with probability in proportion to the square of their loss")
  func proportions() {
    // Two inputs whose errors, with a dictionary of zeros, are 1 and 4: of their squares 1/17 and 16/17.
    let configuration = SparseAutoencoder.Configuration(inputs: 2, latents: 3000, decoderBias: .none)
    let zeros = SparseAutoencoder(
      configuration, encoderWeight: Tensor(zeros: [2, 3000]), decoderWeight: Tensor(zeros: [3000, 2]))
    var trainer = SparseAutoencoderTrainer(zeros, settings: SparseAutoencoderTraining(penalty: .none))
    trainer.resample(Array(0..<3000), from: Tensor([1, 0, 0, 2], [2, 2]))
    let share = trainer.autoencoder.decoderWeight.slice(axis: 1, at: 0).mean()
    #expect(abs(share - 1 / 17) < 0.015)
  }

  @Test("makes Adam forget them, and only them", arguments: [SparseAutoencoder.Activation.relu, .gated])
  func moments(_ activation: SparseAutoencoder.Activation) {
    var (trainer, batch) = trainer(activation)
    let before = trainer
    // Latent 0 has moments, which must be gone.
    trainer.resample([0], from: batch)
    for (name, path) in SparseAutoencoderFixture.paths where name != "decoderBias" {
      for moment in [\SparseAutoencoderTrainer.first, \.second] {
        let (old, new) = (before[keyPath: moment][keyPath: path], trainer[keyPath: moment][keyPath: path])
        guard old.count > 0 else { continue }
        #expect(old.slice(axis: 0, 0..<1).magnitudes().maximum() > 0, "\(name) has no moments to forget")
        #expect(new.slice(axis: 0, 0..<1).magnitudes().maximum() == 0, "\(name)")
        #expect(new.slice(axis: 0, 1..<10) == old.slice(axis: 0, 1..<10), "\(name)")
      }
    }
    #expect(trainer.first.decoderBias == before.first.decoderBias)
  }

  @Test("gives random directions where that is asked for")
  func randomDirections() {
    var (trainer, batch) = trainer()
    trainer.resample(dead, by: .randomDirection(encoderScale: 0.5), from: batch)
    let vectors = trainer.autoencoder.decoderWeight.gathered(at: dead)
    for length in vectors.norm(axis: 1).elements { #expect(abs(length - 1) < 1e-5) }
    #expect(trainer.autoencoder.encoderRows.gathered(at: dead) == vectors * 0.5)
    #expect(vectors.slice(axis: 0, at: 0) != vectors.slice(axis: 0, at: 1))
  }

  @Test("happens by itself when the rule says so, and brings latents back")
  func rule() {
    let without = trainer(steps: 12).trainer
    let with = trainer(steps: 12, rule: Rule(every: 4, window: 4, last: 4)).trainer
    #expect(without.resampledLatents == 0 && without.deadLatents(window: 12) == dead)
    #expect(with.resampledLatents == 2 && with.deadLatents(window: 8).isEmpty)
    #expect(trainer(steps: 3, rule: Rule(every: 4, window: 4)).trainer.resampledLatents == 0)
    #expect(trainer(steps: 12, rule: Rule(every: 4, window: 20)).trainer.resampledLatents == 0)
  }

  @Test("leaves a tied autoencoder tied, and starts thresholds anew")
  func variants() {
    var (tied, batch) = trainer(isTied: true)
    tied.resample(dead, from: batch)
    #expect(tied.autoencoder.encoderRows == tied.autoencoder.decoderWeight)
    var (jump, inputs) = trainer(.jumpReLU(bandwidth: 0.5, threshold: 0.2))
    #expect(abs((jump.autoencoder.thresholds?[0] ?? 0) - 0.2) > 1e-4)
    jump.resample([0], from: inputs)
    #expect(abs((jump.autoencoder.thresholds?[0] ?? 0) - 0.2) < 1e-6)
  }
}
