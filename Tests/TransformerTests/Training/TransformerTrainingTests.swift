import Synchronization
import Tensors
import Testing

@testable import Transformer

@Suite("Training a transformer")
struct TransformerTrainingTests {
  /// Two layers of attention over text whose second half repeats the first.
  static let configuration = {
    var c = TransformerConfiguration(nLayers: 2, dModel: 32, nHeads: 4, dMLP: 0, dVocab: 12, nContext: 17)
    c.positions = .shortformer
    return c
  }()

  static let settings = TrainingSettings(
    steps: 40, learningRate: 3e-3, schedule: .warmUpThenCosine(warmUp: 5, steps: 40), clipping: .globalNorm(1))

  static func repeated(_ step: Int, _ stream: inout RandomStream) -> TokenBatch {
    TokenBatch(
      (0..<8).map { _ in
        let half = (0..<8).map { _ in stream.integer(below: 12) }
        return [0] + half + half
      })
  }

  static func training(_ settings: TrainingSettings = settings, seed: UInt64 = 4) -> TransformerTraining {
    TransformerTraining(configuration, settings: settings, stream: RandomStream(seed: seed))
  }

  @Test("lowers the loss on repeated tokens below that of tokens that are drawn alone")
  func learns() throws {
    var settings = Self.settings
    settings.steps = 250
    settings.learningRate = 1e-2
    settings.schedule = .constant
    var training = Self.training(settings)
    let losses = try training.train(batch: Self.repeated)
    #expect(losses.count == 250 && training.isFinished)
    // log 12 = 2.48 for what is random; half of it is known once the repetition is seen.
    #expect(losses.prefix(10).reduce(0, +) / 10 > 2.4)
    #expect(losses.suffix(10).reduce(0, +) / 10 < 2)
  }

  @Test("trains every kind of configuration", arguments: ZooModel.causal)
  func kinds(kind: ZooModel) throws {
    var training = TransformerTraining(
      kind.model, settings: TrainingSettings(steps: 30, learningRate: 1e-2), stream: RandomStream(seed: 1))
    let text = TokenBatch([[3, 1, 4, 1, 5, 9, 2, 6], [2, 7, 1, 8, 2, 8, 1, 8]])
    let before = training.model
    let losses = try training.train { _, _ in text }
    #expect(try #require(losses.last) < losses[0] / 2)
    for (old, new) in zip(before.namedParameters, training.model.namedParameters) {
      // A bias of the keys adds the same to every score of a query, which the softmax takes away again.
      let isWithoutEffect = old.name.hasSuffix("b_K") && kind.configuration.positions.rotary == nil
      #expect(isWithoutEffect || old.value != new.value, "\(old.name)")
    }
  }

  @Test("goes on to the same bits when it is stopped between")
  func stopped() throws {
    var (whole, parts) = (Self.training(), Self.training())
    let losses = try whole.train(batch: Self.repeated)
    let early = try parts.train(until: 13, batch: Self.repeated)
    #expect(parts.step == 13 && !parts.isFinished)
    let copy = parts
    let late = try parts.train(batch: Self.repeated)
    #expect(early + late == losses)
    #expect(parts.hasBits(of: whole))
    #expect(copy.step == 13 && !copy.hasBits(of: whole))
  }

  @Test("is kept at the steps that are named, in memory")
  func kept() throws {
    var kept: [(step: Int, model: HookedTransformer)] = []
    var training = Self.training()
    try training.train(
      checkpoints: .every(20).and(at: [1, 7]), keep: { kept.append(($0.step, $0.model)) }, batch: Self.repeated)
    #expect(kept.map(\.step) == [0, 1, 7, 20, 40])
    var again = Self.training()
    #expect(kept[0].model.namedParameters.map(\.value) == again.model.namedParameters.map(\.value))
    try again.train(until: 7, batch: Self.repeated)
    #expect(kept[2].model.namedParameters.map(\.value) == again.model.namedParameters.map(\.value))
  }

  @Test("differs by its seed, in weights and in batches")
  func seeds() throws {
    var (first, second) = (Self.training(seed: 1), Self.training(seed: 2))
    #expect(first.model.W_E != second.model.W_E)
    let draws = (try first.train(until: 1, batch: Self.repeated), try second.train(until: 1, batch: Self.repeated))
    #expect(draws.0 != draws.1)
  }

  @Test("lets only matrices decay unless told otherwise")
  func decay() throws {
    for decayed in [TrainingSettings.DecayedParameters.matrices, .all] {
      let settings = TrainingSettings(
        steps: 1, learningRate: 0.5, coefficients: AdamCoefficients(weightDecay: 0.1), decayed: decayed)
      var training = TransformerTraining(ZooModel.named("gpt2"), settings: settings, stream: RandomStream(seed: 1))
      let before = training.model
      // A loss without gradient: what changes is what decays.
      try training.train(
        loss: { _, _, parameters in parameters["embed.W_E"].sum() * 0 }, batch: { _, _ in [0, 1] })
      for (old, new) in zip(before.namedParameters, training.model.namedParameters) {
        let factor: Float = old.value.rank == 2 || decayed == .all ? 0.95 : 1
        #expect(new.value.isApproximatelyEqual(to: old.value * factor, absolute: 1e-7), "\(old.name)")
      }
    }
  }

  @Test("takes a loss of one's own")
  func ownLoss() throws {
    var training = Self.training()
    let losses = try training.train(
      until: 3,
      loss: { model, tokens, parameters in
        model.logits(tokens, parameters: parameters).squared().mean()
      }, batch: Self.repeated)
    #expect(losses[2] < losses[0])
  }

  @Test("stops where it stands when the loss is lost, and reports its progress until then")
  func lost() throws {
    var training = Self.training()
    let reported = Mutex<[Int]>([])
    #expect(throws: TrainingError.lossNotFinite(step: 5, loss: .infinity)) {
      try training.train(
        reportInterval: 2, progress: { progress in reported.withLock { $0.append(progress.step) } },
        loss: { model, tokens, parameters in
          let loss = model.loss(tokens, parameters: parameters)
          return tokens.tokens[0] == 1 ? loss / 0 : loss
        },
        batch: { step, stream in
          let tokens = Self.repeated(step, &stream)
          return step == 5 ? TokenBatch([[1] + tokens[0].dropFirst()]) : tokens
        })
    }
    #expect(training.step == 5)
    #expect(reported.withLock { $0 } == [1, 3])
  }

  @Test("stops where it stands when a gradient is lost under a finite loss", arguments: [true, false])
  func lostGradient(clips: Bool) throws {
    var settings = Self.settings
    settings.clipping = clips ? .globalNorm(1) : nil
    var training = Self.training(settings)
    #expect(throws: TrainingError.gradientNotFinite(step: 2)) {
      try training.train(
        loss: { model, tokens, parameters in
          let loss = model.loss(tokens, parameters: parameters)
          // The slope of a square root at zero, times zero.
          return tokens.batch == 1 ? loss + (loss - loss).squareRoots() : loss
        },
        batch: { step, stream in
          let tokens = Self.repeated(step, &stream)
          return step == 2 ? TokenBatch([Array(tokens.tokens.prefix(17))]) : tokens
        })
    }
    #expect(training.step == 2)
    #expect(training.model.namedParameters.allSatisfy { $0.value.elements.allSatisfy(\.isFinite) })
  }

  @Test("stops at once when its task is cancelled, and goes on from there")
  func cancelled() async throws {
    let task = Task {
      var training = Self.training()
      do {
        try training.train { step, stream in
          if step == 9 { withUnsafeCurrentTask { $0?.cancel() } }
          return Self.repeated(step, &stream)
        }
      } catch is CancellationError {}
      return training
    }
    var training = try await task.value
    #expect(training.step == 10)
    try training.train(batch: Self.repeated)
    var whole = Self.training()
    try whole.train(batch: Self.repeated)
    #expect(training.hasBits(of: whole))
  }
}

extension TransformerTraining {
  /// Whether two runs stand at the same step with the same bits in every weight and moment.
  func hasBits(of other: TransformerTraining) -> Bool {
    func bits(_ training: TransformerTraining) -> [[UInt32]] {
      (training.model.namedParameters.map(\.value) + training.optimizer.first.tensors
        + training.optimizer.second.tensors).map { $0.elements.map(\.bitPattern) }
    }
    return step == other.step && bits(self) == bits(other)
  }
}
