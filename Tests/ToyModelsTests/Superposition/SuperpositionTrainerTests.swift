import Tensors
import Testing

@testable import ToyModels

@Suite("Training superposition models")
struct SuperpositionTrainerTests {
  private struct Stop: Error {}

  @Test("gives the same bits for the same seed, others for another", arguments: [0.03, 0.5] as [Float])
  func reproducible(density: Float) {
    #expect(train(density: density, seed: 1) == train(density: density, seed: 1))
    #expect(train(density: density, seed: 1) != train(density: density, seed: 2))
  }

  @Test("is moved in no bit by further instances, whatever their data")
  func furtherInstances() {
    let alone = train([0.05], seed: 1)
    for others in [[0.05], [0.001, 1], [1, 0.2, 0.5]] as [[Float]] {
      #expect(train([0.05] + others, seed: 1).starts(with: alone))
    }
  }

  @Test("gives each instance data of its own")
  func ownData() {
    var trainer = trainer([0.5], copies: 2, seed: 2, steps: 5)
    let trained = trainer.run().encoder.elements
    #expect(trained.prefix(10) != trained.suffix(10))
  }

  @Test("ends in the same bits in one run, in pieces, and step by step")
  func pieces() throws {
    var whole = trainer([0.05, 1], seed: 3, steps: 40)
    let model = whole.run()
    var pieces = trainer([0.05, 1], seed: 3, steps: 40)
    for step in [7, 7, 30, 99] { _ = pieces.run(to: step) }
    var steps = trainer([0.05, 1], seed: 3, steps: 40)
    for _ in 0..<40 { #expect(steps.step().count == 2) }
    #expect(pieces.model.encoder == model.encoder && pieces.model.bias == model.bias)
    #expect(steps.model.encoder == model.encoder && steps.model.bias == model.bias)
    #expect(whole.run().encoder == model.encoder, "a finished training goes no further")
  }

  @Test("stops where progress throws, and goes on from there as if it had not")
  func cancellation() {
    var stopped = trainer([0.05, 0.3], seed: 4, steps: 600)
    var calls = 0
    #expect(throws: Stop.self) {
      try stopped.run { (_: Double) throws(Stop) in
        calls += 1
        if calls == 2 { throw Stop() }
      }
    }
    #expect(calls == 2)
    var undisturbed = trainer([0.05, 0.3], seed: 4, steps: 600)
    #expect(stopped.model.encoder != undisturbed.run().encoder)
    #expect(stopped.run().encoder == undisturbed.model.encoder)
  }

  @Test("reports progress that only grows, up to one, also when run in pieces")
  func progress() {
    var trainer = trainer([0.05, 0.3, 1], seed: 5, steps: 700)
    var reports: [Double] = []
    _ = trainer.run(to: 300) { reports.append($0) }
    #expect(abs((reports.last ?? 0) - 3.0 / 7) < 1e-12)
    _ = trainer.run { reports.append($0) }
    #expect(zip(reports, reports.dropFirst()).allSatisfy { $0 < $1 })
    #expect(reports.last == 1)
  }

  @Test("follows its schedule", arguments: [SuperpositionTraining.Schedule.constant, .linear, .cosine])
  func schedule(schedule: SuperpositionTraining.Schedule) {
    // Where nothing is active, the loss has no gradient in W: weight decay alone shrinks it by 1 − rate·λ.
    let model = SuperpositionModel(
      .reluOutput(features: 1, hidden: 1), instances: 1, initialization: .normal(standardDeviation: 1),
      using: RandomStream(seed: 6))
    let steps = 5
    var trainer = SuperpositionTrainer(
      model, distributions: [FeatureDistribution(features: 1, density: 0)], importance: [1],
      settings: SuperpositionTraining(
        steps: steps, batchSize: 4, learningRate: 0.25, schedule: schedule, weightDecay: 1),
      using: RandomStream(seed: 6))
    // 1 − s/S and cos(½π·s/(S − 1)).
    let factors: [Float] =
      switch schedule {
      case .constant: [1, 1, 1, 1, 1]
      case .linear: [1, 0.8, 0.6, 0.4, 0.2]
      case .cosine: [1, 0.923_879_5, 0.707_106_8, 0.382_683_4, 0]
      }
    for factor in factors {
      let before = trainer.model.encoder.scalar
      trainer.step()
      #expect(abs(trainer.model.encoder.scalar / before - (1 - 0.25 * factor)) < 1e-6)
    }
  }

  @Test("takes no memory from the system once warm")
  func allocations() async {
    // In a process of its own: the pool's counts are the process's.
    await #expect(processExitsWith: .success) {
      for density in [0.01, 0.1, 1] as [Float] {
        let model = SuperpositionModel(
          .reluOutput(features: 20, hidden: 5), instances: 3, initialization: .xavier, using: RandomStream(seed: 1))
        var trainer = SuperpositionTrainer(
          model, distributions: [FeatureDistribution(features: 20, density: density)],
          importance: Array(repeating: 1, count: 20), settings: SuperpositionTraining(steps: 1000, batchSize: 100),
          using: RandomStream(seed: 1))
        trainer.step()
        let before = StorageStatistics.current
        for _ in 0..<50 { trainer.step() }
        #expect(StorageStatistics.current == before)
      }
    }
  }

  /// An instance for each density, or several copies of each with the same weights.
  private func trainer(
    _ densities: [Float], copies: Int = 1, seed: UInt64, steps: Int
  ) -> SuperpositionTrainer {
    let random = RandomStream(seed: seed)
    let architecture = SuperpositionArchitecture.reluOutput(features: 5, hidden: 2)
    let drawn = SuperpositionModel(
      architecture, instances: densities.count, initialization: .normal(standardDeviation: 0.4), using: random)
    let weights = Array(repeating: drawn.encoder.elements, count: copies).joined()
    let densities = Array(repeating: densities, count: copies).flatMap { $0 }
    let model = SuperpositionModel(
      architecture: architecture, encoder: Tensor(Array(weights), [densities.count, 5, 2]),
      bias: Tensor(zeros: [densities.count, 5]))
    return SuperpositionTrainer(
      model, distributions: densities.map { FeatureDistribution(features: 5, density: $0) },
      importance: [1, 0.9, 0.8, 0.7, 0.6],
      settings: SuperpositionTraining(steps: steps, batchSize: 100, learningRate: 1e-2, schedule: .cosine),
      using: random)
  }

  private func train(_ densities: [Float], seed: UInt64) -> [Float] {
    var trainer = trainer(densities, seed: seed, steps: 60)
    return trainer.run().encoder.elements
  }

  private func train(density: Float, seed: UInt64) -> [Float] { train([density, density], seed: seed) }
}
