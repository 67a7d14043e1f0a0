// The models that learn indirect object identification from names alone (Adhikari 2025): attention only, no
// normalisation, no biases, learned positions, logits for names and nothing else, a loss at <MID> and nowhere else.

import Tensors
import Transformer

/// An architecture for the task on names, and how it is trained.
struct NameModel: Sendable {
  var layers: Int
  var heads: Int
  /// The width of the residual stream.
  var width: Int
  var headWidth: Int
  /// The number of names.
  var names: Int
  /// The deviation of all initial weights, in units of 1/√width.
  var initialScale: Float = 1
  var weightDecay: Float
  var steps: Int
  /// The number of updates after which a start whose loss is still above 0.6 nats is given up for the next one; nil for
  /// never. The plateau on which starts get stuck is ln 2, a fair choice between the two names.
  var patience: Int?

  /// For instance `1L2H`.
  var label: String { "\(layers)L\(heads)H" }

  var configuration: TransformerConfiguration {
    var configuration = TransformerConfiguration(
      nLayers: layers, dModel: width, nHeads: heads, dHead: headWidth, dMLP: 0, dVocab: names + 2, dVocabOut: names,
      nContext: NameSequences.length)
    configuration.normalization = .none
    configuration.initializerRange = initialScale / Float(width).squareRoot()
    return configuration
  }

  /// AdamW with β = (0.9, 0.98) from 1e-2, 50 steps of warm-up, then a cosine; gradients clipped to a norm of 1.
  private var settings: TrainingSettings {
    TrainingSettings(
      steps: steps, learningRate: 1e-2, schedule: .warmUpThenCosine(warmUp: 50, steps: steps),
      clipping: .globalNorm(1), coefficients: AdamCoefficients(beta1: 0.9, beta2: 0.98, weightDecay: weightDecay),
      decayed: .all)
  }

  /// A model that was trained, with what it was before.
  struct Trained: Sendable {
    var initial: HookedTransformer
    var model: HookedTransformer
    /// The mean cross-entropy over all sequences of training at the end.
    var loss: Double
    /// What was looked at on the way, by the number of updates.
    var curve: [(step: Int, values: [Double])]
    /// The number of starts that it took.
    var starts = 1
  }

  /// Trains from random weights; `watching` gives the numbers of the curve, every `interval` steps.
  func train(
    on task: NameTask, _ pairs: [NamePair], _ run: SeedRun, from stream: RandomStream, rows: Int?,
    every interval: Int = 50, isLast: Bool = true, watching: (HookedTransformer) throws -> [Double]
  ) throws -> Trained {
    let everything = task.all(of: pairs)
    var training = TransformerTraining(
      HookedTransformer(configuration, initializedFrom: stream.derived("weights"), biases: false), settings: settings,
      stream: stream)
    let initial = training.model
    var curve: [(Int, [Double])] = []
    func advance(until end: Int?) throws {
      try training.train(
        until: end, checkpoints: .every(interval), keep: { curve.append(($0.step, try watching($0.model))) },
        loss: { model, tokens, parameters in
          let logits = model.logits(tokens, parameters: parameters)
          let last = logits.slice(axis: 1, NameSequences.mid..<NameSequences.mid + 1)
          return last.reshaped([tokens.batch, names]).crossEntropy(targets: NameSequences.answers(of: tokens))
        },
        batch: { _, stream in
          try run.checkCancellation()
          return rows.map { task.random($0, of: pairs, using: &stream).tokens } ?? everything.tokens
        })
    }
    if let patience, !isLast { try advance(until: patience) }
    let isStuck = try training.step > 0 && NameScores(of: training.model, on: everything).loss > 0.6
    if !isStuck { try advance(until: nil) }
    let loss = try NameScores(of: training.model, on: everything).loss
    return Trained(initial: initial, model: training.model, loss: loss, curve: curve)
  }

  /// The first of several starts whose loss on its own training sequences ends below 0.1, or the last.
  func trainUntilLearned(
    starts: Int, on task: NameTask, _ pairs: [NamePair], _ run: SeedRun, from stream: RandomStream, rows: Int?,
    every interval: Int = 50, watching: (HookedTransformer) throws -> [Double]
  ) throws -> Trained {
    precondition(starts > 0, "a model needs a start")
    var start = 0
    while true {
      var trained = try train(
        on: task, pairs, run, from: stream.derived("start", start), rows: rows, every: interval,
        isLast: start == starts - 1, watching: watching)
      start += 1
      trained.starts = start
      if trained.loss < 0.1 || start == starts { return trained }
    }
  }
}

/// How a model of names does on some sequences.
struct NameScores: Sendable {
  /// The share whose largest logit is that of the indirect object.
  let accuracy: Double
  /// The share whose logit of the indirect object is above that of the subject.
  let preference: Double
  /// The mean logit of the indirect object less that of the subject.
  let logitDifference: Double
  /// The mean cross-entropy, in nats.
  let loss: Double

  /// Runs a model, with interventions or without.
  init(of model: HookedTransformer, on sequences: NameSequences, hooks: [Hook] = []) throws {
    let logits = try model.runWithHooks(sequences.tokens, hooks: hooks)
      .slice(axis: 1, at: NameSequences.mid)
    let best = logits.argmax(axis: 1)
    let logarithms = logits.logSoftmax()
    var (right, preferred, difference, loss) = (0, 0, 0.0, 0.0)
    for row in 0..<sequences.count {
      let (io, s) = (sequences.indirectObjects[row], sequences.subjects[row])
      let gap = Double(logits[row, io]) - Double(logits[row, s])
      right += best[row] == io ? 1 : 0
      preferred += gap > 0 ? 1 : 0
      difference += gap
      loss -= Double(logarithms[row, io])
    }
    let count = Double(sequences.count)
    accuracy = Double(right) / count
    preference = Double(preferred) / count
    logitDifference = difference / count
    self.loss = loss / count
  }
}
