// Splicing: that what replaces activations is all that the model sees of them, that beginnings of rows stay, and that one
// feature is changed where it should be and nowhere else.

import Tensors
import Testing
import ToyModels
import Transformer

@testable import Replications

@Suite("Spliced runs") struct SplicedRunTests {
  private let transformer = LanguageTransformer()
  private let model: HookedTransformer
  private let tokens: TokenBatch

  init() {
    model = HookedTransformer(transformer.configuration, initializedFrom: RandomStream(seed: 1))
    var stream = RandomStream(seed: 2)
    tokens = transformer.language.batch(3, length: 40, using: &stream)
  }

  @Test("Activations put back unchanged change nothing", arguments: SplicedPlace.allCases)
  func identity(place: SplicedPlace) throws {
    let run = try SplicedRun(model, tokens, at: place)
    let again = try run.predictions(with: run.activations)
    #expect(again.maximumDifference(from: run.predictions) < 1e-4)
    let scores = try SpliceScores(run, replacing: run.activations)
    #expect(abs(scores.lossScore - 1) < 1e-3 && abs(scores.divergenceScore - 1) < 1e-3)
  }

  @Test("A replacement of zeros is worth nothing: no error is added back", arguments: SplicedPlace.allCases)
  func zeros(place: SplicedPlace) throws {
    let run = try SplicedRun(model, tokens, at: place)
    let scores = try SpliceScores(run, replacing: Tensor(zeros: run.activations.shape))
    #expect(scores.lossScore == 0 && scores.divergenceScore == 0)
    #expect(scores.zeroDivergence > 0.001)
  }

  @Test("Hooks at the same place agree, but for the beginnings of rows", arguments: SplicedPlace.allCases)
  func hooks(place: SplicedPlace) throws {
    let run = try SplicedRun(model, tokens, at: place)
    let hook = Hook(HookFilter([place.point])) { activation, _ in
      activation = activation.replacingWords(with: activation.words * 0.5)
    }
    let hooked = try model.runWithHooks(tokens, hooks: [hook]).words.logSoftmax()
    #expect(try run.predictions(with: run.activations * 0.5).maximumDifference(from: hooked) < 1e-4)
  }

  @Test("The loss is the model's, without what follows beginnings of rows")
  func loss() throws {
    let run = try SplicedRun(model, tokens, at: .residual)
    let losses = TokenLosses(model(tokens), tokens)
    #expect(abs(run.loss(of: run.predictions) - losses.mean(at: 1..<losses.count)) < 1e-4)
  }
}

@Suite("Setting a feature") struct FeatureSettingTests {
  /// Two inputs and four features along the axes, on activations of a mean squared norm of two: no scale.
  private let autoencoder = LanguageAutoencoder(
    SparseAutoencoder(
      .init(inputs: 2, latents: 4), encoderWeight: Tensor([1, 0, -1, 0, 0, 1, 0, -1], [2, 4]),
      decoderWeight: Tensor([1, 0, 0, 1, -1, 0, 0, -1], [4, 2])),
    scale: 0.5)

  @Test("Only the feature's own vector is added, and only at the words that are meant")
  func where_() {
    let activations = Tensor([2, 0, 2, 4, -2, 6], [3, 2])
    let features = autoencoder.encode(activations)
    #expect(features == Tensor([1, 0, 0, 0, 1, 2, 0, 0, 0, 3, 1, 0], [3, 4]))
    let changed = autoencoder.setting(1, to: 0, at: [true, true, false], in: activations, with: features)
    #expect(changed == Tensor([2, 0, 2, 0, -2, 6], [3, 2]))
    let clamped = autoencoder.setting(0, to: 5, at: [false, true, true], in: activations, with: features)
    #expect(clamped == Tensor([2, 0, 10, 4, 8, 6], [3, 2]))
  }

  @Test("What the autoencoder leaves out stays when a feature is set")
  func errorStays() {
    // The encoder is blind to half of every activation.
    let blind = LanguageAutoencoder(
      SparseAutoencoder(
        .init(inputs: 2, latents: 1), encoderWeight: Tensor([1, 0], [2, 1]), decoderWeight: Tensor([1, 0], [1, 2])),
      scale: 1)
    let activations = Tensor([3, 7], [1, 2])
    let changed = blind.setting(0, to: 0, at: [true], in: activations, with: blind.encode(activations))
    #expect(changed == Tensor([0, 7], [1, 2]))
  }

  @Test("Only the largest features of each word are kept")
  func largest() {
    let features = Tensor([3, 0, 1, 2, 0, 5, 4, 0], [2, 4])
    #expect(features.keepingLargest(2) == Tensor([3, 0, 0, 2, 0, 5, 4, 0], [2, 4]))
    #expect(features.keepingLargest(9) == features)
  }

  @Test("Shuffled columns keep what is in them and nothing of their rows")
  func shuffling() {
    var stream = RandomStream(seed: 3)
    let column = stream.uniform([500])
    let matrix = Tensor.stacked([column, column], axis: 1)
    let shuffled = matrix.shufflingColumns(using: RandomStream(seed: 4))
    let columns = (0..<2).map { shuffled.slice(axis: 1, at: $0).elements }
    #expect(columns.allSatisfy { $0.sorted() == column.elements.sorted() })
    #expect(abs(pearson(columns[0].map(Double.init), columns[1].map(Double.init))) < 0.15)
  }
}
