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
    let end = options.stopAtLayer ?? configuration.nLayers
    precondition(
      (0...configuration.nLayers).contains(end), "a run of \(configuration.nLayers) layers cannot stop at \(end)")
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
    let end = options.stopAtLayer ?? configuration.nLayers
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

  // MARK: - Blocks

  private mutating func block(_ layer: Int, _ input: Variable, fromResidMid isResumed: Bool) throws -> Variable {
    let block = model.blocks[layer]
    let weights = weights.part("blocks.\(layer)")
    let read = onlyReadPosition(layer)
    // Positions behind the one that is read are seen by nobody.
    var residual = read.map { $0 + 1 < input.shape[1] ? input.slice(axis: 1, 0..<$0 + 1) : input } ?? input
    var attnOut: Variable?
    if !isResumed {
      residual = try table.pass(.residPre, layer, residual)
      var written = try attention(layer, residual, block, weights, onlyLastQuery: read != nil)
      if configuration.normalizesOutputs {
        written = try normalize(
          written, block.ln1Post, weights.part("ln1_post"), scale: .ln1PostScale, normalized: .ln1PostNormalized,
          layer: layer)
      }
      written = try table.pass(.attnOut, layer, written)
      attnOut = written
    }
    if let read { residual = residual.slice(axis: 1, read..<read + 1) }
    guard let mlp = block.mlp else {
      return try table.pass(.residPost, layer, attnOut.map { residual + $0 } ?? residual)
    }
    if configuration.residual == .sequential {
      if let attnOut { residual = residual + attnOut }
      if !isResumed { residual = try table.pass(.residMid, layer, residual) }
    }
    let mlpIn = try table.pass(.mlpIn, layer, residual)
    var written = try self.mlp(layer, mlpIn, block, mlp, weights)
    if configuration.normalizesOutputs {
      written = try normalize(
        written, block.ln2Post, weights.part("ln2_post"), scale: .ln2PostScale, normalized: .ln2PostNormalized,
        layer: layer)
    }
    written = try table.pass(.mlpOut, layer, written)
    if configuration.residual == .parallel, let attnOut { residual = residual + attnOut }
    return try table.pass(.residPost, layer, residual + written)
  }

  /// The position that alone has to be computed of what a layer writes, where the run reads one and the layer is last.
  private func onlyReadPosition(_ layer: Int) -> Int? {
    guard
      let places = options.readPositions, let place = places.first, layer == configuration.nLayers - 1,
      tokens.positions > 1, places.allSatisfy({ $0 == place }), cache == nil, configuration.direction == .causal,
      configuration.positions != .shortformer, table.isUntouched(layer: layer),
      keyMask == nil || place == tokens.positions - 1
    else { return nil }
    return place
  }

  private mutating func mlp(
    _ layer: Int, _ input: Variable, _ block: BlockWeights, _ mlp: MLPWeights, _ blockWeights: Weights
  ) throws -> Variable {
    let weights = blockWeights.part("mlp")
    let x = try normalize(
      input, block.ln2, blockWeights.part("ln2"), scale: .ln2Scale, normalized: .ln2Normalized, layer: layer)
    let (W_in, b_in) = (weights("W_in", mlp.W_in), weights("b_in", mlp.b_in))
    var post: Variable
    if let W_gate = weights("W_gate", mlp.W_gate) {
      let gate = try table.pass(.pre, layer, x.linear(W_gate))
      let linear = try table.pass(.preLinear, layer, x.linear(W_in))
      post = activate(gate) * linear
      if let b_in { post = post + b_in }
    } else {
      let pre = try table.pass(.pre, layer, x.linear(W_in, bias: b_in))
      post = activate(pre)
    }
    if let norm = mlp.ln {
      let mid = try table.pass(.mid, layer, post)
      post = try normalize(
        mid, norm, weights.part("ln"), scale: .mlpScale, normalized: .mlpNormalized, layer: layer, kind: .layerNorm)
    }
    post = try table.pass(.post, layer, post)
    return post.linear(weights("W_out", mlp.W_out), bias: weights("b_out", mlp.b_out))
  }

  private func activate(_ x: Variable) -> Variable {
    switch configuration.activation {
    case .gelu: x.gelu()
    case .geluTanh: x.geluTanh()
    case .relu: x.relu()
    case .silu: x.silu()
    case .solu: x * x.softmax()
    }
  }

  // MARK: - Normalisation

  /// Normalises rows, past the hooks on the divisor and on the result.
  ///
  /// As in TransformerLens 4, the hook on the result sees it before weights and bias.
  mutating func normalize(
    _ x: Variable, _ norm: NormalizationWeights, _ weights: Weights, scale: ActivationName, normalized: ActivationName,
    layer: Int?, kind: Normalization? = nil
  ) throws -> Variable {
    let kind = kind ?? configuration.normalization
    guard kind != .none else { return x }
    let (w, b) = (weights("w", norm.w), weights("b", norm.b))
    let epsilon = configuration.epsilon
    if !table.isWatched(scale, layer) && !table.isWatched(normalized, layer) {
      return kind.centers
        ? x.layerNorm(weight: w, bias: b, epsilon: epsilon) : x.rmsNorm(weight: w, epsilon: epsilon)
    }
    if x.tape == nil && !table.isExplicit(scale, layer) && !table.isExplicit(normalized, layer) {
      let parts = kind.centers ? x.value.layerNormParts(epsilon: epsilon) : x.value.rmsNormParts(epsilon: epsilon)
      try table.keep(scale, layer, parts.scales)
      try table.keep(normalized, layer, parts.normalized)
      return scaled(Variable(parts.normalized), w, b)
    }
    let last = x.rank - 1
    let centered = kind.centers ? x - x.mean(axes: [last], keepingAxes: true) : x
    let divisor = try table.pass(
      scale, layer, (centered.squared().mean(axes: [last], keepingAxes: true) + epsilon).squareRoots())
    return scaled(try table.pass(normalized, layer, centered / divisor), w, b)
  }

  private func scaled(_ x: Variable, _ w: Variable?, _ b: Variable?) -> Variable {
    let product = w.map { x * $0 } ?? x
    return b.map { product + $0 } ?? product
  }

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

extension ActivationName {
  /// Whether a block computes it from the stream that enters its MLP.
  var isAfterResidMid: Bool {
    switch self {
    case .mlpIn, .ln2Scale, .ln2Normalized, .pre, .preLinear, .mid, .mlpScale, .mlpNormalized, .post, .ln2PostScale,
      .ln2PostNormalized, .mlpOut, .residPost:
      true
    default: false
    }
  }
}
