// Two layers of attention learn indirect object identification for pairs of names that they never saw together, by
// one of two circuits: a head that copies the indirect object (a name mover, Wang et al. 2022), or one that
// subtracts the subject.
//
// Which one is up to the start, so that each model is classified first, by the sign of its leading head's OV
// eigenvalues, and then asked for what its class implies: whom that head attends to, what it writes, how the layers
// compose.

import Tensors
import Transformer

struct HeldOutPairs: Experiment {
  let name = "HeldOutPairs"
  let claims = [
    "ioi.pairs.generalises", "ioi.pairs.direct-effects", "ioi.pairs.leading-head.eigenvalues",
    "ioi.pairs.leading-head.attention", "ioi.pairs.leading-head.copying", "ioi.pairs.composition",
    "ioi.pairs.knock-out",
  ]
  let configuration: [String: ConfigurationValue] = [
    "names": .int(Self.task.names), "width": 32, "headWidth": 16, "models": "2L4H at twice 1/√32, 2L2H at 1/√32",
    "control": "1L1H", "steps": .int(Self.steps), "stepsOfNarrow": .int(Self.stepsOfNarrow),
    "stepsOfControl": .int(Self.stepsOfControl), "learningRate": 1e-2,
    "weightDecay": 0.1, "rows": .int(Self.rows), "starts": .int(Self.starts),
    "startsEndWhen": "the training loss is below 0.1", "heldOutPairs": .int(Self.heldOut),
  ]

  static let task = NameTask(names: 30)
  private static let steps = 1_500
  private static let stepsOfNarrow = 3_000
  private static let stepsOfControl = 500
  private static let rows = 64
  private static let starts = 4
  private static let heldOut = 87

  static let wide = NameModel(
    layers: 2, heads: 4, width: 32, headWidth: 16, names: task.names, initialScale: 2, weightDecay: 0.1, steps: steps)
  static let narrow = NameModel(
    layers: 2, heads: 2, width: 32, headWidth: 16, names: task.names, weightDecay: 0.1, steps: stepsOfNarrow)
  private static let single = NameModel(
    layers: 1, heads: 1, width: 32, headWidth: 16, names: task.names, weightDecay: 0.1, steps: stepsOfControl)

  /// A leading head has a class of its own above this |Σ Re λ / Σ|λ||.
  static let clear = 0.8

  /// Which of the two circuits a model has.
  enum CircuitClass: String, Sendable {
    /// Its leading head copies the name that it attends to.
    case nameMover = "name mover"
    /// Its leading head writes the opposite of the name that it attends to.
    case subtracting

    /// The composition that the class lives on.
    var composition: Composition { self == .nameMover ? .q : .v }
    /// The other one.
    var other: CircuitClass { self == .nameMover ? .subtracting : .nameMover }
  }

  struct Observation: Sendable {
    var models: [PairCircuit]
    var control: Double
    /// Accuracy on held-out pairs of the model of one head, by the number of updates.
    var controlCurve: [(step: Int, values: [Double])]
    /// The held-out sequences that everything is measured on.
    var sequences: NameSequences

    /// The model whose leading head's eigenvalues are most of one sign.
    var clearest: PairCircuit {
      models[0].leading.positivity.magnitude >= models[1].leading.positivity.magnitude ? models[0] : models[1]
    }
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let (seen, unseen) = Self.task.divided(heldOut: Self.heldOut, run.random("held-out pairs"))
    let (training, heldOut) = (Self.task.all(of: seen), Self.task.all(of: unseen))
    func trained(_ model: NameModel, starts: Int) throws -> NameModel.Trained {
      try model.trainUntilLearned(
        starts: starts, on: Self.task, seen, run, from: run.random(model.label), rows: Self.rows,
        watching: {
          [try NameScores(of: $0, on: training).accuracy, try NameScores(of: $0, on: heldOut).accuracy]
        })
    }
    let different = Self.task.differentNames(heldOut.count, run.random("different names"))
    let models = try [Self.wide, Self.narrow].map { model in
      let trained = try trained(model, starts: Self.starts)
      run.report(model.heads == 4 ? 0.5 : 0.9)
      return try PairCircuit(
        of: trained, model.label, heldOut, different, random: run.random("random heads").derived(model.label))
    }
    let single = try trained(Self.single, starts: 1)
    return Observation(
      models: models, control: try NameScores(of: single.model, on: heldOut).accuracy, controlCurve: single.curve,
      sequences: heldOut)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let models = seed.models
    // What a class implies is asked of models that have one: of both, or of the clearer one.
    let clear = models.filter { $0.leading.positivity.magnitude >= Self.clear }
    let classified = clear.isEmpty ? [seed.clearest] : clear
    func attention(_ model: PairCircuit, _ kind: CircuitClass) -> Double {
      mean(
        kind == .nameMover
          ? model.leading.attentionToIndirectObject(seed.sequences)
          : model.leading.attentionToSubject(seed.sequences))
    }
    let random = models.map(\.withoutRandom).filter { !$0.isEmpty }
    var (classes, heads): ([String: Double], [String: Double]) = ([:], [:])
    for model in models {
      classes["\(model.label) is a name mover"] = model.circuitClass == .nameMover ? 1 : 0
      classes["\(model.label) positivity of the leading head"] = model.leading.positivity
      classes["\(model.label) starts"] = Double(model.starts)
      heads["\(model.label) answering heads"] = Double(model.answering.count)
      heads["\(model.label) random heads"] = Double(model.randomHeads)
      heads["\(model.label) left without random heads"] = mean(model.withoutRandom)
    }
    return [
      Reading(
        claim: "ioi.pairs.generalises", value: models[0].accuracy, control: seed.control,
        detail: Dictionary(uniqueKeysWithValues: models.map { ("\($0.label) accuracy", $0.accuracy) })),
      Reading(
        claim: "ioi.pairs.direct-effects", value: models.map(\.pathPatchingError).max() ?? .nan,
        control: models.map(\.activationPatchingError).min() ?? .nan),
      Reading(
        claim: "ioi.pairs.leading-head.eigenvalues", value: seed.clearest.leading.positivity.magnitude,
        control: seed.clearest.leadingBeforeTraining.positivity.magnitude, detail: classes),
      Reading(
        claim: "ioi.pairs.leading-head.attention", value: mean(classified.map { attention($0, $0.circuitClass) }),
        control: mean(classified.map { attention($0, $0.circuitClass.other) })),
      Reading(
        claim: "ioi.pairs.leading-head.copying",
        value: mean(classified.map { $0.leading.copyScore(negative: $0.circuitClass == .subtracting) }),
        control: mean(classified.map { $0.leading.copyScore(negative: $0.circuitClass == .nameMover) })),
      Reading(
        claim: "ioi.pairs.composition", value: mean(classified.map { $0.reliance() }),
        control: mean(classified.map { $0.reliance(beforeTraining: true) }),
        detail: Dictionary(
          uniqueKeysWithValues: models.flatMap { model in
            model.compositions.map { ("\(model.label) accuracy without \($0.key.rawValue)", $0.value) }
          })),
      Reading(
        claim: "ioi.pairs.knock-out", value: mean(models.map(\.withoutAnswering)),
        control: random.isEmpty ? nil : mean(random.map(mean)), detail: heads),
    ]
  }
}
