// The smallest models that identify indirect objects (Adhikari 2025): six names, all 60 sequences as one batch.
//
// One layer of one head, one layer of two heads and two layers of one head are trained on everything; then one layer of
// two heads once more with three of the fifteen pairs of names held out, to see whether what it learns is an algorithm.

import Tensors
import Transformer

struct MinimalModels: Experiment {
  let name = "MinimalModels"
  let claims = [
    "adhikari.one-head.accuracy", "adhikari.one-head.loss", "adhikari.two-heads.accuracy",
    "adhikari.two-heads.contrast", "adhikari.two-heads.additive-attention", "adhikari.two-layers.accuracy",
    "adhikari.composition.order", "adhikari.held-out.lookup",
  ]
  let configuration: [String: ConfigurationValue] = [
    "names": .int(Self.task.names), "width": 16, "steps": .int(Self.steps), "learningRate": 1e-2,
    "weightDecay": 0.01, "batch": "all 60 sequences", "starts": .int(Self.starts),
    "startsEndWhen": "the training loss is below 0.1",
    "startsAreGivenUp": .string("at step \(Self.patience) with a loss above 0.6"),
    "heldOutPairs": .int(Self.heldOutPairs),
  ]

  static let task = NameTask(names: 6)
  private static let steps = 1_500
  private static let starts = 12
  private static let patience = 400
  private static let heldOutPairs = 3

  static func model(layers: Int, heads: Int) -> NameModel {
    NameModel(
      layers: layers, heads: heads, width: 16, headWidth: 16 / heads, names: task.names, weightDecay: 0.01,
      steps: steps, patience: patience)
  }

  /// One architecture after training.
  struct Outcome: Sendable {
    var accuracy: Double
    var loss: Double
    var starts: Int
    /// The number of updates and the accuracy after it; on held-out pairs where there are any.
    var curve: [(step: Int, accuracy: Double)]
  }

  struct Observation: Sendable {
    var oneHead: Outcome
    var twoHeads: Outcome
    var twoLayers: Outcome
    var heldOut: Outcome
    /// Of the model with held-out pairs: accuracy on the others, and accuracy between the two names on these.
    var accuracyInTraining: Double
    var preferenceHeldOut: Double
    /// The heads of the model of two heads.
    var heads: [NameHead]
    var sequences: NameSequences
    /// The accuracy of the model of two layers without each composition, and before training.
    var compositions: [Composition: Double]
    var compositionsBeforeTraining: [Composition: Double]
    var accuracyBeforeTraining: Double

    /// The head that makes the difference between the names.
    var contrastive: NameHead { heads[0].difference.magnitude >= heads[1].difference.magnitude ? heads[0] : heads[1] }
    /// The other one.
    var additive: NameHead { heads[0].difference.magnitude >= heads[1].difference.magnitude ? heads[1] : heads[0] }
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let everything = Self.task.all(of: Self.task.pairs)
    func trained(_ layers: Int, _ heads: Int, starts: Int, part: Double) throws -> (NameModel.Trained, Outcome) {
      let model = Self.model(layers: layers, heads: heads)
      let trained = try model.trainUntilLearned(
        starts: starts, on: Self.task, Self.task.pairs, run, from: run.random(model.label), rows: nil,
        watching: { [try NameScores(of: $0, on: everything).accuracy] })
      run.report(part)
      let scores = try NameScores(of: trained.model, on: everything)
      return (
        trained,
        Outcome(
          accuracy: scores.accuracy, loss: scores.loss, starts: trained.starts,
          curve: trained.curve.map { ($0.step, $0.values[0]) })
      )
    }
    let (_, oneHead) = try trained(1, 1, starts: 1, part: 0.2)
    let (two, twoHeads) = try trained(1, 2, starts: Self.starts, part: 0.4)
    let (layered, twoLayers) = try trained(2, 1, starts: Self.starts, part: 0.7)

    let (seen, unseen) = Self.task.divided(heldOut: Self.heldOutPairs, run.random("held-out pairs"))
    let (training, heldOut) = (Self.task.all(of: seen), Self.task.all(of: unseen))
    let divided = try Self.model(layers: 1, heads: 2).trainUntilLearned(
      starts: Self.starts, on: Self.task, seen, run, from: run.random("with held-out pairs"), rows: nil,
      watching: { [try NameScores(of: $0, on: heldOut).accuracy] })
    let heldOutScores = try NameScores(of: divided.model, on: heldOut)

    func accuracies(_ model: HookedTransformer) throws -> [Composition: Double] {
      try Dictionary(
        uniqueKeysWithValues: Composition.allCases.map { kind in
          let hook = try model.withoutComposition(kind, on: everything.tokens)
          return (kind, try NameScores(of: model, on: everything, hooks: [hook]).accuracy)
        })
    }
    return Observation(
      oneHead: oneHead, twoHeads: twoHeads, twoLayers: twoLayers,
      heldOut: Outcome(
        accuracy: heldOutScores.accuracy, loss: heldOutScores.loss, starts: divided.starts,
        curve: divided.curve.map { ($0.step, $0.values[0]) }),
      accuracyInTraining: try NameScores(of: divided.model, on: training).accuracy,
      preferenceHeldOut: heldOutScores.preference,
      heads: try NameHead.all(of: two.model, on: everything), sequences: everything,
      compositions: try accuracies(layered.model), compositionsBeforeTraining: try accuracies(layered.initial),
      accuracyBeforeTraining: try NameScores(of: layered.initial, on: everything).accuracy)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (contrastive, additive) = (seed.contrastive, seed.additive)
    func share(_ value: (NameHead) -> Double) -> Double {
      value(contrastive).magnitude / (value(contrastive).magnitude + value(additive).magnitude)
    }
    func isPublishedOrder(_ accuracies: [Composition: Double], _ intact: Double) -> Bool {
      let drops = [Composition.q, .v, .k].map { intact - (accuracies[$0] ?? .nan) }
      return drops[0] > drops[1] && drops[1] > drops[2]
    }
    return [
      Reading(
        claim: "adhikari.one-head.accuracy", value: seed.oneHead.accuracy, control: seed.twoHeads.accuracy),
      Reading(claim: "adhikari.one-head.loss", value: seed.oneHead.loss, control: seed.twoHeads.loss),
      Reading(
        claim: "adhikari.two-heads.accuracy", value: seed.twoHeads.accuracy, control: seed.oneHead.accuracy,
        detail: ["starts": Double(seed.twoHeads.starts), "loss": seed.twoHeads.loss]),
      Reading(
        claim: "adhikari.two-heads.contrast", value: share(\.difference), control: share(\.boost),
        detail: [
          "contrastive difference": contrastive.difference, "additive difference": additive.difference,
          "contrastive boost": contrastive.boost, "additive boost": additive.boost,
          "positive eigenvalues of the additive head": additive.positiveShare,
          "positive eigenvalues of the contrastive head": contrastive.positiveShare,
        ]),
      Reading(
        claim: "adhikari.two-heads.additive-attention", value: additive.dependenceOnRepetition(seed.sequences),
        control: contrastive.dependenceOnRepetition(seed.sequences)),
      Reading(
        claim: "adhikari.two-layers.accuracy", value: seed.twoLayers.accuracy, control: seed.oneHead.accuracy,
        detail: ["starts": Double(seed.twoLayers.starts), "loss": seed.twoLayers.loss]),
      Reading(
        claim: "adhikari.composition.order",
        held: isPublishedOrder(seed.compositions, seed.twoLayers.accuracy),
        controlHeld: isPublishedOrder(seed.compositionsBeforeTraining, seed.accuracyBeforeTraining),
        detail: [
          "accuracy without queries": seed.compositions[.q] ?? .nan,
          "accuracy without keys": seed.compositions[.k] ?? .nan,
          "accuracy without values": seed.compositions[.v] ?? .nan,
        ]),
      Reading(
        claim: "adhikari.held-out.lookup", value: seed.heldOut.accuracy, control: seed.accuracyInTraining,
        detail: ["starts": Double(seed.heldOut.starts), "preference of IO over S": seed.preferenceHeldOut]),
    ]
  }
}
