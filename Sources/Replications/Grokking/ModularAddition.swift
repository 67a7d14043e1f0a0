// Addition modulo a prime by a one-layer transformer (Nanda et al. 2023, sections 3 to 5).
//
// All pairs, a random share of them trained on in full batches by AdamW with strong weight decay. The number of steps is
// fixed, and the key frequencies of the last model are those of every measure. Prime 59 with faster settings is trained
// while the tests run; the published model, with prime 113, belongs to the long tier: with the faster settings, and with
// the published ones.

import Tensors
import ToyModels

struct ModularAddition: Experiment {
  let name: String
  let claims: [String]
  let settings: GrokkingSettings

  /// What one seed leaves behind.
  struct Observation: Sendable {
    var course: GrokkingCourse
    var trained: AdditionCircuit
    /// The model without weight decay, or the untrained one.
    var control: AdditionCircuit
    var untrained: AdditionCircuit
    /// The course without weight decay; nil where the untrained model is the control.
    var withoutDecay: GrokkingCourse?
    /// The delay where most pairs are trained on; nil where it is not measured.
    var delayWithPlenty: Double?
  }

  static let prime59 = ModularAddition(
    name: "PrimeFiftyNine",
    claims: [
      "grokking.generalises", "grokking.delay", "grokking.circuit.keys", "grokking.circuit.logit-variance",
      "grokking.circuit.neurons", "grokking.circuit.most-neurons", "grokking.gini.w-e", "grokking.gini.w-l",
      "grokking.restricted",
      "grokking.excluded", "grokking.phases", "grokking.sum-of-squares",
    ],
    settings: GrokkingSettings(
      shape: ModularAdditionShape(prime: 59, dModel: 64, dHead: 16, dMLP: 256), share: 0.4,
      training: ModularAdditionTraining(learningRate: 3e-3, weightDecay: 2), steps: 2_000, interval: 25,
      controlSteps: 2_000, plentySteps: 400))

  static let prime113 = ModularAddition(
    name: "PrimeOneHundredThirteen",
    claims: [
      "grokking.p113.generalises", "grokking.p113.keys", "grokking.p113.logit-variance", "grokking.p113.neurons",
      "grokking.p113.restricted",
    ],
    settings: GrokkingSettings(
      shape: ModularAdditionShape(), share: 0.3,
      training: ModularAdditionTraining(learningRate: 3e-3, weightDecay: 2), steps: 2_000, interval: 25,
      controlSteps: 2_000))

  static let publishedSettings = ModularAddition(
    name: "PublishedSettings",
    claims: [
      "grokking.published.delay", "grokking.published.keys", "grokking.published.logit-variance",
      "grokking.published.neurons",
    ],
    settings: GrokkingSettings(
      shape: ModularAdditionShape(), share: 0.3, training: ModularAdditionTraining(), steps: 20_000, interval: 100,
      controlSteps: 0, plentySteps: 4_000))

  var configuration: [String: ConfigurationValue] {
    [
      "prime": .int(settings.shape.prime), "dModel": .int(settings.shape.dModel), "heads": .int(settings.shape.nHeads),
      "dHead": .int(settings.shape.dHead), "dMLP": .int(settings.shape.dMLP), "trainingShare": .double(settings.share),
      "learningRate": .double(Double("\(settings.training.learningRate)") ?? .nan),
      "weightDecay": .double(Double(settings.training.weightDecay)), "betas": [0.9, 0.98],
      "warmUp": .int(settings.training.warmUp), "steps": .int(settings.steps), "interval": .int(settings.interval),
      "stepsWithoutDecay": .int(settings.controlSteps), "stepsWithPlenty": .int(settings.plentySteps),
      "shareWithPlenty": .double(GrokkingSettings.plentyShare),
    ]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let (training, heldOut) = settings.split(using: run.random("split"))
    let untrained = ModularAdditionModel(settings.shape, initializedFrom: run.random("model"))
    let total = Double(settings.steps + settings.controlSteps + settings.plentySteps)
    func report(_ step: Int) throws {
      try run.checkCancellation()
      run.report(Double(step) / total)
    }
    let snapshots = try settings.train(untrained, on: training, progress: report)
    let trained = AdditionCircuit(snapshots.last?.model ?? untrained)
    let measuring = ProgressSettings(
      training: training, heldOut: heldOut,
      keyFrequencies: trained.keyFrequencies,
      otherFrequencies: Self.others(than: trained.keyFrequencies, settings.shape.prime, run.random("other frequencies"))
    )
    let course = GrokkingCourse(measures: snapshots.map(measuring.measure))

    let initial = AdditionCircuit(untrained)
    var observation = Observation(
      course: course, trained: trained, control: initial, untrained: initial, withoutDecay: nil, delayWithPlenty: nil)
    if settings.controlSteps > 0 {
      let control = try settings.withoutDecay.train(untrained, on: training) { try report(settings.steps + $0) }
      observation.control = AdditionCircuit(control.last?.model ?? untrained)
      observation.withoutDecay = GrokkingCourse(measures: control.map(measuring.measure))
    }
    if settings.plentySteps > 0 {
      observation.delayWithPlenty = try delayWithPlenty(untrained, run) {
        try report(settings.steps + settings.controlSteps + $0)
      }
    }
    return observation
  }

  /// Trains on most pairs, from the same weights, and measures the delay.
  private func delayWithPlenty(
    _ untrained: ModularAdditionModel, _ run: SeedRun, progress: (Int) throws -> Void
  ) throws -> Double {
    let plenty = settings.withPlenty
    let (training, heldOut) = plenty.split(using: run.random("plenty"))
    let course = try plenty.train(untrained, on: training, progress: progress).map { snapshot in
      let table = AnswerTable(snapshot.model)
      return GrokkingCourse.Accuracies(
        step: snapshot.step, training: table.quality(on: training).accuracy,
        heldOut: table.quality(on: heldOut).accuracy)
    }
    return GrokkingCourse.delayAtLeast(course)
  }

  /// As many frequencies that are not key ones, at random; fewer where fewer are left.
  static func others(than keys: [Int], _ prime: Int, _ random: RandomStream) -> [Int] {
    var random = random
    let rest = (1...prime / 2).filter { !keys.contains($0) }
    return random.permutation(rest.count).prefix(keys.count).map { rest[$0] }.sorted()
  }

  func readings(_ seed: Observation) -> [Reading] {
    claims.compactMap { claim in
      Metric(rawValue: claim.split(separator: ".").last.map(String.init) ?? "").map { reading($0, claim, seed) }
    }
  }

  /// What is read off, by the last word of the claim's id.
  private enum Metric: String {
    case generalises, delay, keys, neurons, restricted, excluded, phases
    case logitVariance = "logit-variance"
    case mostNeurons = "most-neurons"
    case embeddingGini = "w-e"
    case logitGini = "w-l"
    case sumOfSquares = "sum-of-squares"
  }

  private func reading(_ metric: Metric, _ claim: String, _ seed: Observation) -> Reading {
    let (course, trained) = (seed.course, seed.trained)
    // Of two controls, training without weight decay and none, the one that comes closer.
    let controls = [seed.control, seed.untrained]
    func largest(_ value: (AdditionCircuit) -> Double) -> Double { controls.map(value).max() ?? .nan }
    func number(_ value: Double?, _ control: Double?, _ detail: [String: Double] = [:]) -> Reading {
      Reading(claim: claim, value: value ?? .nan, control: control, detail: detail)
    }
    switch metric {
    case .generalises:
      return number(
        course.measures.last?.heldOut.accuracy, seed.withoutDecay?.measures.last?.heldOut.accuracy,
        ["loss": course.measures.last?.heldOut.loss ?? .nan])
    case .delay:
      return number(
        course.delay, seed.delayWithPlenty,
        ["memorised": Double(course.memorised ?? -1), "generalised": Double(course.generalised ?? -1)])
    case .keys:
      return number(
        Double(trained.keyFrequencies.count), controls.map { Double($0.keyFrequencies.count) }.min(),
        ["untrained": Double(seed.untrained.keyFrequencies.count)])
    case .logitVariance:
      return number(
        trained.logitVariance, largest(\.logitVariance), ["untrained": seed.untrained.logitVariance])
    case .neurons, .mostNeurons: return number(trained.singleFrequencyNeurons, largest(\.singleFrequencyNeurons))
    case .embeddingGini:
      return number(trained.embeddingGini, largest(\.embeddingGini), ["untrained": seed.untrained.embeddingGini])
    case .logitGini:
      return number(trained.logitGini, largest(\.logitGini), ["untrained": seed.untrained.logitGini])
    case .restricted:
      // Other frequencies never form a circuit: then the held-out loss at the end is what counts.
      let end = course.measures.last?.heldOut.loss
      let formed = course.circuitFormed(\.restricted)
      return number(
        formed?.heldOut.loss ?? end, course.circuitFormed(\.restrictedControl)?.heldOut.loss ?? end,
        [
          "step": Double(formed?.step ?? -1), "step of the held-out loss": Double(course.heldOutFalls ?? -1),
          "restricted loss at the end": course.measures.last?.restricted ?? .nan,
        ])
    case .excluded: return number(course.measures.last?.excluded, course.measures.last?.excludedControl)
    case .phases:
      return Reading(
        claim: claim, held: course.hasPhases(\.excluded), controlHeld: course.hasPhases(\.excludedControl),
        detail: [
          "memorised": Double(course.memorised ?? -1), "excluded loss rises": Double(course.rises(\.excluded) ?? -1),
          "held-out loss falls": Double(course.heldOutFalls ?? -1),
        ])
    case .sumOfSquares:
      let formed = course.circuitFormed(\.restricted)
      func shrinkage(_ other: GrokkingCourse?) -> Double? {
        guard let formed, let last = other?.measures.last else { return nil }
        let then = other?.measures.last { $0.step <= formed.step }
        return then.map { last.sumOfSquares / $0.sumOfSquares }
      }
      return number(shrinkage(course), shrinkage(seed.withoutDecay))
    }
  }
}
