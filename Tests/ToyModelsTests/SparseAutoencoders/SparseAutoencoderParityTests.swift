// Every variant of the sparse autoencoder against PyTorch: latents, losses, gradients and ten steps of training.

import Tensors
import Testing

@testable import ToyModels

@Suite("A sparse autoencoder beside PyTorch's")
struct SparseAutoencoderParityTests {
  @Test("has the same latents and reconstructions", arguments: SparseAutoencoderFixture.names)
  func forward(name: String) throws {
    let fixture = try SparseAutoencoderFixture.named(name)
    var autoencoder = try fixture.autoencoder()
    // Outside of training a batch is kept above a threshold; between its smallest two it keeps what training does.
    if let thresholds = fixture.thresholds { autoencoder.batchThreshold = Float(thresholds.values[0]) - 1e-5 }
    let latents = autoencoder.encode(fixture.x.tensor)
    #expect(ReferenceNumbers.largestError(latents.elements, fixture.latents.values) < 2e-5)
    #expect(ReferenceNumbers.largestError(autoencoder.decode(latents).elements, fixture.output.values) < 2e-5)
    let active = fixture.latents.values.count { $0 > 0 }
    #expect(active > 23 && active < fixture.latents.values.count / 2 + 30)
  }

  @Test("has the same losses", arguments: SparseAutoencoderFixture.names)
  func losses(name: String) throws {
    let fixture = try SparseAutoencoderFixture.named(name)
    var trainer = try fixture.trainer()
    let losses = trainer.step(on: fixture.x.tensor)
    let measured = [losses.reconstruction, losses.sparsity, losses.auxiliary]
    for (mine, theirs) in zip(measured, fixture.losses.values) { #expect(abs(mine - theirs) < 2e-5) }
    #expect(fixture.losses.values[0] > 0.01)
    #expect(abs(losses.l0 - Double(fixture.latents.values.count { $0 > 0 }) / Double(fixture.x.shape[0])) < 1e-9)
  }

  @Test("has the same gradient of every parameter", arguments: SparseAutoencoderFixture.names)
  func gradient(name: String) throws {
    let fixture = try SparseAutoencoderFixture.named(name)
    var trainer = try fixture.trainer()
    _ = trainer.computeGradient(on: fixture.x.tensor)
    for (name, path) in SparseAutoencoderFixture.paths {
      let measured = trainer.gradient[keyPath: path].elements
      let expected = fixture.gradient[name]?.values ?? []
      #expect(ReferenceNumbers.largestError(measured, expected) < 2e-5, "\(name)")
      #expect(expected.isEmpty || expected.contains { abs($0) > 1e-3 }, "\(name) has no gradient to compare")
    }
  }

  @Test("is where Adam takes it in ten steps", arguments: SparseAutoencoderFixture.names)
  func trajectory(name: String) throws {
    let fixture = try SparseAutoencoderFixture.named(name)
    var trainer = try fixture.trainer()
    for step in 0..<fixture.optimizer.steps {
      let total = trainer.step(on: fixture.x.tensor).total
      #expect(abs(total - fixture.totals.values[step]) < 2e-5, "loss of step \(step)")
      for (name, path) in SparseAutoencoderFixture.paths {
        let measured = trainer.autoencoder.parameters[keyPath: path].elements
        let expected = fixture.trajectory[name]?.member(step) ?? []
        #expect(ReferenceNumbers.largestError(measured, expected) < 2e-5, "\(name) after step \(step)")
      }
      if let thresholds = fixture.thresholds {
        #expect(abs(Double(trainer.autoencoder.batchThreshold) - thresholds.values[step]) < 2e-5)
      }
    }
    #expect(try trainer.autoencoder != fixture.autoencoder())
  }

  @Test("gives the same however many blocks a batch fills")
  func blocks() throws {
    let fixture = try SparseAutoencoderFixture.named("relu")
    let rows = (0..<100).flatMap { _ in fixture.x.tensor.elements }
    let many = Tensor(rows, [100 * fixture.x.shape[0], fixture.x.shape[1]])
    #expect(many.shape[0] > 2 * SparseAutoencoderStep.blockRows)
    var (one, all) = (try fixture.trainer(), try fixture.trainer())
    let (few, lots) = (one.step(on: fixture.x.tensor), all.step(on: many))
    #expect(abs(few.total - lots.total) < 1e-6)
    #expect(one.gradient.decoder.isApproximatelyEqual(to: all.gradient.decoder, absolute: 1e-5, relative: 1e-5))
    #expect(one.gradient.encoder.isApproximatelyEqual(to: all.gradient.encoder, absolute: 1e-5, relative: 1e-5))
    #expect(one.gradient.decoderBias.isApproximatelyEqual(to: all.gradient.decoderBias, absolute: 1e-5, relative: 1e-5))
    #expect(all.lastCounts == one.lastCounts * 100)
  }
}
