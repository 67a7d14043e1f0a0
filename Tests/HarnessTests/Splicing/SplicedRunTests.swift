// Splicing at any hook point: what replaces activations is all that the model sees of them, positions before the first stay,
// and the error of an autoencoder is dropped or kept as the splice says.

import Tensors
import Testing
import ToyModels
import Transformer

@testable import Replications

/// One hook point of each kind of place, in a model of two layers.
private let points: [HookPoint] = [
  HookPoint(.embed), HookPoint(.residPre, layer: 1), HookPoint(.z, layer: 0), HookPoint(.q, layer: 1),
  HookPoint(.attnOut, layer: 1), HookPoint(.residMid, layer: 0), HookPoint(.pre, layer: 1), HookPoint(.post, layer: 0),
  HookPoint(.mlpOut, layer: 1), HookPoint(.residPost, layer: 1), HookPoint(.lnFinalNormalized),
]

@Suite("Spliced runs") struct SplicedRunTests {
  private let model: HookedTransformer
  private let tokens: TokenBatch

  init() {
    var configuration = TransformerConfiguration(
      nLayers: 2, dModel: 16, nHeads: 2, dMLP: 24, dVocab: 30, nContext: 12)
    configuration.activation = .relu
    model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 1))
    var stream = RandomStream(seed: 2)
    tokens = TokenBatch((0..<3).map { _ in (0..<12).map { _ in stream.integer(below: 30) } })
  }

  @Test("Activations put back unchanged change nothing", arguments: points)
  func identity(point: HookPoint) throws {
    let run = try SplicedRun(model, tokens, at: point)
    #expect(run.activations.shape[0] == 3 * 11)
    #expect(try run.predictions(with: run.activations).maximumDifference(from: run.predictions) < 1e-5)
    #expect(try SpliceScores(run, replacing: run.activations).divergence < 1e-6)
  }

  @Test("A hook at the same point agrees, from any first position", arguments: points, [0, 1, 4])
  func hooks(point: HookPoint, first: Int) throws {
    let run = try SplicedRun(model, tokens, at: point, from: first)
    let hook = Hook(HookFilter([point])) { activation, _ in
      activation = activation.replacingWords(from: first, with: activation.words(from: first).squared())
    }
    let hooked = try model.runWithHooks(tokens, hooks: [hook]).words(from: first).logSoftmax()
    #expect(hooked.maximumDifference(from: run.predictions) > 5e-5)
    #expect(try run.predictions(with: run.activations.squared()).maximumDifference(from: hooked) < 1e-5)
  }

  @Test("A replacement of zeros is worth nothing")
  func zeros() throws {
    let run = try SplicedRun(model, tokens, at: HookPoint(.post, layer: 0))
    let zero = try SpliceScores(run, replacing: Tensor(zeros: run.activations.shape))
    #expect(zero.lossScore == 0 && zero.divergenceScore == 0)
    #expect(zero.zeroDivergence > 1e-4)
  }

  @Test("Loss can be counted from another replacement in place of zeros")
  func otherFloor() throws {
    let run = try SplicedRun(model, tokens, at: HookPoint(.post, layer: 0))
    let half = try SpliceScores(run, replacing: run.activations * 0.5)
    let whole = try SpliceScores(run, replacing: run.activations)
    #expect(half.lossScore(over: half) == 0 && half.lossScore != 0)
    #expect(abs(whole.lossScore(over: half) - 1) < 1e-3)
  }

  @Test("The loss is the model's, without what follows the positions before the first", arguments: [0, 1, 5])
  func loss(first: Int) throws {
    let run = try SplicedRun(model, tokens, at: HookPoint(.residMid, layer: 0), from: first)
    let losses = TokenLosses(model(tokens), tokens)
    #expect(abs(run.loss(of: run.predictions) - losses.mean(at: first..<losses.count)) < 1e-4)
  }

  @Test("A hook point that the model does not have is an error")
  func unknown() {
    #expect(throws: HookError.self) { try SplicedRun(model, tokens, at: HookPoint(.post, layer: 7)) }
  }
}

@Suite("Splices of features") struct FeatureSpliceTests {
  /// It sees the first of two inputs and adds one to it.
  private let autoencoder: SparseAutoencoder = {
    var autoencoder = SparseAutoencoder(
      .init(inputs: 2, latents: 1), encoderWeight: Tensor([1, 0], [2, 1]), decoderWeight: Tensor([1, 0], [1, 2]))
    autoencoder.encoderBias = Tensor([1], [1])
    return autoencoder
  }()
  private let activations = Tensor([3, 7, 2, -4], [2, 2])

  @Test("Dropped, the error is gone; kept, features that are not edited change nothing")
  func unedited() {
    let dropped = FeatureSplice(autoencoder, error: .dropped).reconstruction(of: activations)
    #expect(dropped == Tensor([4, 0, 3, 0], [2, 2]))
    #expect(FeatureSplice(autoencoder, error: .kept).reconstruction(of: activations) == activations)
  }

  @Test("Kept, an edit adds what it changes", arguments: [Float(1), 2])
  func edited(scale: Float) {
    for error in [FeatureSplice.ErrorTerm.dropped, .kept] {
      let splice = FeatureSplice(autoencoder, scale: scale, error: error)
      let features = splice.features(of: activations)
      #expect(features == Tensor([3 * scale + 1, 2 * scale + 1], [2, 1]))
      let changed = splice.replacement(for: activations, with: features + 10)
      let expected = splice.reconstruction(of: activations) + Tensor([10 / scale, 0, 10 / scale, 0], [2, 2])
      #expect(changed.maximumDifference(from: expected) < 1e-5)
    }
  }
}

@Suite("Activations of a model") struct ModelActivationsTests {
  private let model = HookedTransformer(
    TransformerConfiguration(nLayers: 1, dModel: 8, nHeads: 2, dMLP: 12, dVocab: 9, nContext: 5),
    initializedFrom: RandomStream(seed: 3))

  /// Rows of five tokens that differ.
  private func rows(_ count: Int) -> TokenBatch {
    TokenBatch((0..<count).map { row in (0..<5).map { (row * 3 + $0 * 2) % 9 } })
  }

  @Test("All words come out, round after round, a few rows at a time")
  func rounds() throws {
    let tokens = rows(7)
    let point = HookPoint(.post, layer: 0)
    var source = ModelActivations(of: model, on: tokens, at: point, rows: 3, rounds: 2)
    var chunks: [Tensor] = []
    while let chunk = try source.nextActivations() { chunks.append(chunk) }
    #expect(chunks.map { $0.shape } == [[12, 12], [12, 12], [4, 12], [12, 12], [12, 12], [4, 12]])
    let whole = try SplicedRun(model, tokens, at: point).activations
    #expect(Tensor.concatenated(Array(chunks[..<3]), axis: 0).maximumDifference(from: whole) < 1e-5)
    #expect(chunks[0] == chunks[3] && chunks[2] == chunks[5])
  }

  @Test("An autoencoder learns from a stream of them, for as many steps as there are batches")
  func training() throws {
    let tokens = rows(10)
    let point = HookPoint(.residPost, layer: 0)
    let source = ModelActivations(of: model, on: tokens, at: point, rows: 4, rounds: 20)
    var stream = ActivationStream(
      from: source, inputs: 8, capacity: 64, batchSize: 16, using: RandomStream(seed: 4))
    let autoencoder = SparseAutoencoder(.init(inputs: 8, latents: 24), using: RandomStream(seed: 5))
    var trainer = SparseAutoencoderTrainer(
      autoencoder,
      settings: SparseAutoencoderTraining(learningRate: 1e-2, reconstruction: .sumOfSquares, penalty: .l1Sum(0.01)))
    #expect(try trainer.train(on: &stream, steps: 30) == 30)
    #expect(try trainer.train(on: &stream) == 20 * 40 / 16 - 30)
    let activations = try SplicedRun(model, tokens, at: point).activations
    let before = SparseAutoencoderMetrics(of: autoencoder, on: activations).explainedVariance
    #expect(SparseAutoencoderMetrics(of: trainer.autoencoder, on: activations).explainedVariance > before + 0.2)
    #expect(throws: CancellationError.self) {
      try trainer.train(on: &stream) { throw CancellationError() }
    }
  }
}
