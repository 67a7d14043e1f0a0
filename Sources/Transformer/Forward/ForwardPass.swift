// One run of a transformer, from tokens to logits, past every hook point.
//
//   embed → block 0 → … → block n−1 → final normalisation → unembed
//
// The same pass serves training (weights on a tape), analysis (constants) and interventions. Steps that are fused for
// speed come apart exactly where somebody changes what lies between them.

import Tensors

/// One run in progress.
struct ForwardPass {
  let model: HookedTransformer
  let weights: Weights
  let tokens: TokenBatch
  let options: RunOptions
  var table: HookTable
  /// The keys and values of the tokens that came before, to which this run adds its own.
  var cache: KeyValueCache?
  /// Whether each key is a token rather than padding, `[batch, key]`; nil when all are.
  let keyMask: [Bool]?
  /// The masks of the run's layers by their windows, as far as they have been needed.
  var masks: [Int?: AttentionMask] = [:]
  private let rotation: Rotation?
  private let positions: [Int]
  /// The position vectors that queries and keys of a shortformer read.
  private var shortformerPositions: Variable?

  var configuration: TransformerConfiguration { model.configuration }

  /// Prepares a run; throws when its hooks or choices name what it does not compute.
  ///
  /// A run that goes on from a cache is given it here, and takes it over with `cache`.
  init(
    _ model: HookedTransformer, weights: Weights = .constant, _ tokens: TokenBatch, _ options: RunOptions,
    differentiated: HookFilter = .none, tape: Tape? = nil, following held: KeyValueCache? = nil
  ) throws(HookError) {
    let configuration = model.configuration
    self.model = model
    self.weights = weights
    self.tokens = tokens
    self.options = options
    precondition(
      held == nil || (options.start == nil && options.stopAtLayer == nil),
      "a run with a cache passes through every layer, or the cache would have gaps")
    keyMask = held.map { $0.mask(with: tokens) } ?? tokens.mask
    positions = held?.positions(of: tokens) ?? tokens.positionIDs ?? tokens.plainPositions
    let places = bounds(of: positions) ?? 0...0
    precondition(
      places.lowerBound >= 0 && places.upperBound < configuration.nContext,
      "position \(places.lowerBound < 0 ? places.lowerBound : places.upperBound) is outside the model's context of "
        + "\(configuration.nContext)")
    rotation = configuration.positions.rotary.map { Rotation($0, positions: places) }
    table = try HookTable(
      options, of: configuration, isComputed: ForwardPass.computes(options, configuration),
      differentiated: differentiated, tape: tape)
  }

  /// Which hook points lie between the start and the end of a run.
  private static func computes(
    _ options: RunOptions, _ configuration: TransformerConfiguration
  ) -> (HookPoint) -> Bool {
    let end = options.end(layers: configuration.nLayers)
    let isToTheEnd = options.stopAtLayer == nil && options.logits != .none
    return { point in
      guard let layer = point.layer else {
        switch point.activation {
        case .lnFinalScale, .lnFinalNormalized: return isToTheEnd
        default: return options.start == nil
        }
      }
      guard layer < end else { return false }
      guard let start = options.start, layer <= start.layer else { return true }
      guard layer == start.layer else { return false }
      return start.stage == .residPre || point.activation.isAfterResidMid
    }
  }

  /// Runs, and returns what was asked for.
  mutating func run() throws -> RunResult {
    var residual = try runBlocks()
    if let places = options.readPositions {
      precondition(options.logits == .none, "a run that ends at one position of each row has no logits")
      residual =
        residual.shape[1] == 1 ? residual.reshaped([tokens.batch, configuration.dModel]) : pick(residual, places)
    }
    let logits = options.stopAtLayer == nil && options.logits != .none ? try unembed(residual) : nil
    return RunResult(logits: logits, residual: residual, cache: table.cache)
  }

  /// Runs up to the last block, and returns the stream behind it.
  private mutating func runBlocks() throws -> Variable {
    var residual = try options.start?.residual ?? embed()
    let end = options.end(layers: configuration.nLayers)
    for layer in min(options.start?.layer ?? 0, end)..<end {
      let isResumed = options.start.map { $0.layer == layer && $0.stage == .residMid } ?? false
      residual = try block(layer, residual, fromResidMid: isResumed)
    }
    return residual
  }

  // MARK: - Ends

  private mutating func embed() throws -> Variable {
    if let range = bounds(of: tokens.tokens) {
      precondition(
        range.lowerBound >= 0 && range.upperBound < configuration.dVocab,
        "token \(range.lowerBound < 0 ? range.lowerBound : range.upperBound) is outside the \(configuration.dVocab) tokens"
      )
    }
    var embedded = weights("embed.W_E", model.W_E).gathered(at: tokens.tokens, shape: tokens.shape)
    if configuration.embeddingScale != 1 { embedded = embedded * configuration.embeddingScale }
    embedded = try table.pass(.embed, nil, embedded)
    guard configuration.hasPositionVectors else { return embedded }
    let places = try table.pass(.posEmbed, nil, positionVectors())
    if case .shortformer = configuration.positions {
      shortformerPositions = places
      return embedded
    }
    return embedded + places
  }

  /// The position vectors of the run, `[batch, position, dModel]`.
  private func positionVectors() -> Variable {
    guard let vectors = weights("pos_embed.W_pos", model.W_pos) else {
      preconditionFailure("a model with learned positions has no position vectors")
    }
    return vectors.gathered(at: positions, shape: tokens.shape)
  }

  private mutating func unembed(_ residual: Variable) throws -> Variable {
    var x = try normalizedForUnembedding(residual)
    switch options.logits {
    case .all, .none: break
    case .last: x = pick(x, Array(repeating: tokens.positions - 1, count: tokens.batch))
    case .each(let places): x = pick(x, places)
    }
    let unembedding = unembeddingWeights()
    let logits = x.linear(unembedding.W, bias: unembedding.b, transposingWeights: unembedding.isTransposed)
    return configuration.logitSoftCap.map { softCap(logits, $0) } ?? logits
  }

  /// Runs to the end, and returns the mean cross-entropy of each position's target.
  ///
  /// Unless somebody changes the logits on the way they are never there all at once.
  mutating func crossEntropy(targets: [Int], ignoring ignored: Int) throws -> Variable {
    let residual = try runBlocks()
    guard configuration.logitSoftCap == nil else {
      return try unembed(residual).crossEntropy(targets: targets, ignoring: ignored)
    }
    let unembedding = unembeddingWeights()
    return try normalizedForUnembedding(residual).linearCrossEntropy(
      unembedding.W, bias: unembedding.b, transposingWeights: unembedding.isTransposed, targets: targets,
      ignoring: ignored)
  }

  private mutating func normalizedForUnembedding(_ residual: Variable) throws -> Variable {
    try normalize(
      residual, model.lnFinal, weights.part("ln_final"), scale: .lnFinalScale, normalized: .lnFinalNormalized,
      layer: nil, kind: configuration.unembeddingNormalization)
  }

  /// What the logits are read with; the transposed token embedding where it is tied.
  private func unembeddingWeights() -> (W: Variable, b: Variable?, isTransposed: Bool) {
    let bias = weights("unembed.b_U", model.b_U)
    guard let W_U = weights("unembed.W_U", model.untiedUnembedding) else {
      return (weights("embed.W_E", model.W_E), bias, true)
    }
    return (W_U, bias, false)
  }

  /// One position of each row, `[batch, dModel]`.
  private func pick(_ x: Variable, _ places: [Int]) -> Variable {
    precondition(places.count == tokens.batch, "\(places.count) positions for \(tokens.batch) rows")
    for place in places {
      precondition(place >= 0 && place < tokens.positions, "position \(place) of \(tokens.positions)")
    }
    return x.reshaped([tokens.batch * tokens.positions, configuration.dModel])
      .gathered(at: places.enumerated().map { $0.offset * tokens.positions + $0.element })
  }

  // MARK: - Positions

  /// Queries or keys of a range of the run's positions, turned where positions are rotary.
  func rotate(_ x: Variable, _ range: Range<Int>) -> Variable {
    guard let rotation else { return x }
    let rows = stride(from: 0, to: positions.count, by: max(tokens.positions, 1))
    let places = range.count == tokens.positions ? positions : rows.flatMap { row in range.map { positions[row + $0] } }
    return rotation.apply(x, positions: places)
  }

  /// The position vectors that a shortformer adds to what queries and keys read.
  func attentionPositions() -> Variable? {
    guard case .shortformer = configuration.positions else { return nil }
    return shortformerPositions ?? positionVectors()
  }
}

/// c·tanh(x/c), which stays within ±c.
func softCap(_ x: Variable, _ cap: Float) -> Variable { (x / cap).tanh() * cap }
