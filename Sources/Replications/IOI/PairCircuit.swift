// A model of two layers taken apart: its heads, what path patching and knock-outs say of them, how its layers compose.

import Tensors
import Transformer

/// What a trained model of two layers does on held-out pairs, and through which heads.
struct PairCircuit: Sendable {
  /// For instance `2L4H`.
  let label: String
  /// The number of starts that training took.
  let starts: Int
  /// Accuracy on training pairs and on held-out pairs, by the number of updates.
  let curve: [(step: Int, values: [Double])]
  /// Accuracy on held-out pairs.
  let accuracy: Double
  /// The mean logit difference on held-out pairs.
  let logitDifference: Double
  /// All heads, layer by layer.
  let heads: [NameHead]
  /// The place of the leading head among them: that of the last layer that adds most to the logit difference.
  let leadingIndex: Int
  /// The leading head before training.
  let leadingBeforeTraining: NameHead
  /// The direct effect of each head by path patching, the mean over sequences.
  let directEffects: [Double]
  /// Largest difference of direct effects from attribution, relative to the largest effect.
  let pathPatchingError: Double
  /// The same when heads are patched on all their paths.
  let activationPatchingError: Double
  /// Accuracy without each composition, after training and before.
  let compositions: [Composition: Double]
  let compositionsBeforeTraining: [Composition: Double]
  /// The heads whose paths to the logits, patched, take at least a tenth of the logit difference, by their places among
  /// `heads`.
  let answering: [Int]
  /// The part of the logit difference that is left without them.
  let withoutAnswering: Double
  /// The part that is left without as many random other heads of both layers, one for each draw; empty where there is no
  /// other head.
  let withoutRandom: [Double]
  /// The number of heads in a draw: as many as answer, or all others where these are fewer.
  let randomHeads: Int

  /// The number of draws of random heads.
  static let draws = 8

  /// The head of the last layer that adds most to the logit difference.
  var leading: NameHead { heads[leadingIndex] }

  /// What the leading head's eigenvalues say it does.
  var circuitClass: HeldOutPairs.CircuitClass { leading.positivity > 0 ? .nameMover : .subtracting }

  /// How much more accuracy is lost without the composition that the class implies than without keys.
  func reliance(beforeTraining: Bool = false) -> Double {
    let accuracies = beforeTraining ? compositionsBeforeTraining : compositions
    return (accuracies[.k] ?? .nan) - (accuracies[circuitClass.composition] ?? .nan)
  }

  /// Measures a model; `different` has a row of three different names for each sequence, `random` draws heads.
  init(
    of trained: NameModel.Trained, _ label: String, _ sequences: NameSequences, _ different: TokenBatch,
    random: RandomStream
  ) throws {
    let model = trained.model
    let (heads, width) = (model.configuration.nHeads, sequences.count)
    let last = heads..<2 * heads
    self.label = label
    starts = trained.starts
    curve = trained.curve
    let scores = try NameScores(of: model, on: sequences)
    (accuracy, logitDifference) = (scores.accuracy, scores.logitDifference)
    let measured = try NameHead.all(of: model, on: sequences)
    let leadingIndex = last.max { measured[$0].difference < measured[$1].difference } ?? heads
    self.heads = measured
    self.leadingIndex = leadingIndex
    leadingBeforeTraining = try NameHead.all(of: trained.initial, on: sequences)[leadingIndex]

    // Attribution of the new tokens less that of the original ones is what a patched head changes directly.
    let attributed =
      try PairCircuit.attributions(of: model, different, sequences)
      - PairCircuit.attributions(of: model, sequences.tokens, sequences)
    let patching = try PathPatching(
      model, original: sequences.tokens, new: different, metric: sequences.logitDifference)
    let effects = try patching.sweepHeads(to: [.logits]).effect.reshaped([2 * heads, width])
    directEffects = effects.mean(axis: 1).elements.map(Double.init)
    let size = effects.magnitudes().maximum()
    pathPatchingError = Double(effects.maximumDifference(from: attributed) / size)
    let cache = try model.runWithCache(different, names: .each(.z)).cache
    let everyPath = try model.activationPatch(
      PatchSweep(.z, by: [.layer, .head]), corrupted: sequences.tokens, cleanCache: cache,
      metric: sequences.logitDifference
    ).effect.reshaped([2 * heads, width])
    activationPatchingError = Double(everyPath.maximumDifference(from: attributed) / size)

    func accuracies(_ model: HookedTransformer) throws -> [Composition: Double] {
      try Dictionary(
        uniqueKeysWithValues: Composition.allCases.map { kind in
          let hook = try model.withoutComposition(kind, on: sequences.tokens)
          return (kind, try NameScores(of: model, on: sequences, hooks: [hook]).accuracy)
        })
    }
    compositions = try accuracies(model)
    compositionsBeforeTraining = try accuracies(trained.initial)

    let mean = Ablation.mean(of: cache, over: .positional)
    func left(without removed: [Int]) throws -> Double {
      let hooks = (0..<2).compactMap { layer -> Hook? in
        let own = removed.filter { $0 / heads == layer }.map { $0 % heads }
        return own.isEmpty ? nil : .ablating(.each(.z, layers: [layer]), heads: own, by: mean)
      }
      return try NameScores(of: model, on: sequences, hooks: hooks).logitDifference / scores.logitDifference
    }
    let (falls, threshold) = (directEffects.map { -$0 }, scores.logitDifference / 10)
    let answering = falls.indices.filter { falls[$0] >= threshold }
    let others = falls.indices.filter { !answering.contains($0) }
    self.answering = answering
    withoutAnswering = try left(without: answering)
    let count = min(answering.count, others.count)
    randomHeads = count
    var stream = random
    withoutRandom = try (0..<(count > 0 ? Self.draws : 0)).map { _ in
      try left(without: stream.permutation(others.count).prefix(count).map { others[$0] })
    }
  }

  /// What each head adds to the logit difference of some sequences when it reads given tokens, `[head, sequence]`.
  private static func attributions(
    of model: HookedTransformer, _ tokens: TokenBatch, _ sequences: NameSequences
  ) throws -> Tensor {
    let mid = NameSequences.mid
    let parts = try model.runWithCache(tokens).cache.stackHeadResults(of: model, positions: mid..<mid + 1).parts
    let directions =
      model.residualDirections(of: sequences.indirectObjects) - model.residualDirections(of: sequences.subjects)
    return (parts.reshaped([parts.shape[0], sequences.count, model.configuration.dModel]) * directions).sum(axis: 2)
  }
}
