// How every experiment here trains: one set of T examples, all of them at every step, and the initialisation with the lowest
// training loss where several are tried ("fitting each model multiple times" belongs to the published method at two hidden
// dimensions). Selection never looks at fresh data.

import Tensors
import ToyModels

/// The data and the training that the models of an experiment have in common.
struct SetTraining: Sendable {
  var features = 1_000
  var density = 0.01
  var hidden = 2
  var steps = 3_000
  var weightDecay: Float = 0.01
  /// Initialisations of a set of at most `fewExamples`; a larger set has one.
  var restarts = 8
  /// The number of the first initialisation: models that begin elsewhere begin further on.
  var firstInitialization = 0

  static let fewExamples = 10

  /// The schedule is the published one in fewer steps, at a higher rate.
  func settings(_ size: Int) -> FullBatchTraining {
    FullBatchTraining(
      steps: steps, warmUp: steps / 20, learningRate: size <= Self.fewExamples ? 1e-2 : 5e-3, weightDecay: weightDecay)
  }

  func initializations(_ size: Int) -> Int { size <= Self.fewExamples ? restarts : 1 }

  /// The work of one size, in units of its own, for reports of progress.
  func work(_ size: Int) -> Double { Double(steps * initializations(size)) * Double(size + 5) }

  func examples(_ count: Int, _ random: RandomStream) -> SparseExamples {
    SparseExamples(count, features: features, density: density, using: random)
  }

  /// Trains on a set of `size` examples.
  ///
  /// - Parameters:
  ///   - random: The stream of the set and of the initial weights; the same one gives the same set at any weight decay.
  ///   - heldOut: Fresh examples.
  ///   - progress: Called with the work done since the last call, in units of `work`.
  func train(
    _ size: Int, _ random: RandomStream, heldOut: SparseExamples, progress: (Double) throws -> Void
  ) throws -> TrainedOnSet {
    let set = examples(size, random.derived("examples"))
    var best: (model: ReLUAutoencoder, loss: Double)?
    let share = work(size) / Double(initializations(size))
    for restart in 0..<initializations(size) {
      var trainer = FullBatchTrainer(initial(random, restart), on: set, settings: settings(size))
      var done = 0.0
      let model = try trainer.run { fraction in
        try progress((fraction - done) * share)
        done = fraction
      }
      try progress((1 - done) * share)
      let loss = model.loss(set)
      if loss < best?.loss ?? .infinity { best = (model, loss) }
    }
    return TrainedOnSet(best?.model ?? initial(random, 0), set, heldOut: heldOut)
  }

  /// Trains on endless data: as many examples at every step, but new ones each time.
  ///
  /// What is read off the examples is read off those of the first step.
  ///
  /// - Parameters:
  ///   - size: The number of examples of a step.
  ///   - random: The stream of the data and of the initial weights.
  ///   - heldOut: Fresh examples.
  ///   - progress: Called with the work done since the last call, in units of `work` with one initialisation.
  func trainEndlessly(
    _ size: Int, _ random: RandomStream, heldOut: SparseExamples, progress: (Double) throws -> Void
  ) throws -> TrainedOnSet {
    let data = random.derived("endless")
    let first = examples(size, data.derived("step", 0))
    var trainer = FullBatchTrainer(initial(random, 0), on: first, settings: settings(size))
    for step in 0..<steps {
      if step & 63 == 0 { try progress(Double(min(64, steps - step)) * Double(size + 5)) }
      trainer.advance(on: examples(size, data.derived("step", step)))
    }
    return TrainedOnSet(trainer.model, first, heldOut: heldOut)
  }

  /// The same set before training.
  func untrained(_ size: Int, _ random: RandomStream, heldOut: SparseExamples) -> TrainedOnSet {
    TrainedOnSet(initial(random, 0), examples(size, random.derived("examples")), heldOut: heldOut)
  }

  private func initial(_ random: RandomStream, _ restart: Int) -> ReLUAutoencoder {
    ReLUAutoencoder(features: features, hidden: hidden, using: random.derived("model", firstInitialization + restart))
  }
}

/// What is read off a model and the set that it was trained on.
struct TrainedOnSet: Sendable {
  /// The training examples, and their number T.
  let set: SparseExamples
  let size: Int
  /// The loss on the training set, and on fresh examples; answering zero costs 1.
  let trainingLoss, testLoss: Double
  /// ‖W‖_F.
  let weightNorm: Double
  /// The columns of W, and the hidden vectors of the training set.
  let features, examples: [[Double]]
  /// The dimensionalities of both.
  let featureDimensionalities, exampleDimensionalities: [Double]

  init(_ model: ReLUAutoencoder, _ set: SparseExamples, heldOut: SparseExamples) {
    self.set = set
    size = set.count
    trainingLoss = model.loss(set)
    testLoss = model.loss(heldOut)
    weightNorm = model.weightNorm
    features = model.featureVectors
    examples = model.hiddenVectors(set)
    featureDimensionalities = DirectionDimensionality.of(features)
    exampleDimensionalities = DirectionDimensionality.of(examples)
  }

  /// The features of largest dimensionality, largest first.
  func foremost(_ count: Int) -> [Int] {
    let d = featureDimensionalities
    return d.indices.sorted { (d[$0], $1) > (d[$1], $0) }.prefix(count).map { $0 }
  }

  /// The largest dimensionality of a feature.
  var largestFeature: Double { featureDimensionalities.max() ?? .nan }

  /// The largest dimensionality of an example.
  var largestExample: Double { exampleDimensionalities.max() ?? .nan }

  /// The features that count as represented.
  var represented: Int { featureDimensionalities.count { $0 > 0.15 } }
}
