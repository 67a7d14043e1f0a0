// Random weights, for training from scratch.

import Tensors

extension HookedTransformer {
  /// Creates a transformer with normally distributed weights, biases of zero and normalisations that change nothing.
  ///
  /// The deviation is the configuration's, 0.8/√dModel unless given, as in TransformerLens. Each weight draws from a
  /// stream of its own name, so a model of more layers begins with the same weights in the layers they share.
  /// `biases` says whether layers have any; a model without normalisation weights may still have them.
  public init(_ configuration: TransformerConfiguration, initializedFrom stream: RandomStream, biases: Bool = true) {
    configuration.requireNoFault()
    let c = configuration
    let deviation = c.initializerRange ?? 0.8 / Float(c.dModel).squareRoot()
    func normal(_ name: String, _ shape: [Int]) -> Tensor {
      var stream = stream.derived(name)
      return stream.normal(shape, standardDeviation: deviation)
    }
    func zeros(_ count: Int) -> Tensor? { biases ? Tensor(zeros: [count]) : nil }
    let blocks = (0..<c.nLayers).map { layer in
      let (prefix, queries, keys) = ("blocks.\(layer).", c.nHeads * c.dHead, c.nKeyValueHeads * c.dHead)
      var attention = AttentionWeights(
        W_Q: normal(prefix + "attn.W_Q", [c.dModel, queries]), W_K: normal(prefix + "attn.W_K", [c.dModel, keys]),
        W_V: normal(prefix + "attn.W_V", [c.dModel, keys]), W_O: normal(prefix + "attn.W_O", [queries, c.dModel]))
      attention.b_Q = zeros(queries)
      attention.b_K = zeros(keys)
      attention.b_V = zeros(keys)
      attention.b_O = zeros(c.dModel)
      if c.normalizesQueriesAndKeys {
        attention.qNorm = Tensor(ones: [c.dHead])
        attention.kNorm = Tensor(ones: [c.dHead])
      }
      // Half of each key is its predecessor's: from a share near 1 a head does not find back.
      if c.smearsKeys { attention.smear = Tensor(zeros: [c.nKeyValueHeads]) }
      var block = BlockWeights(attn: attention)
      let identity = NormalizationWeights(identityFor: c.normalization, width: c.dModel)
      block.ln1 = identity
      if !c.isAttentionOnly {
        var mlp = MLPWeights(
          W_in: normal(prefix + "mlp.W_in", [c.dModel, c.dMLP]),
          W_gate: c.isGated ? normal(prefix + "mlp.W_gate", [c.dModel, c.dMLP]) : nil,
          W_out: normal(prefix + "mlp.W_out", [c.dMLP, c.dModel]))
        mlp.b_in = zeros(c.dMLP)
        mlp.b_out = zeros(c.dModel)
        if c.activation == .solu { mlp.ln = NormalizationWeights(identityFor: .layerNorm, width: c.dMLP) }
        block.mlp = mlp
        block.ln2 = identity
        if c.normalizesOutputs { block.ln2Post = identity }
      }
      if c.normalizesOutputs { block.ln1Post = identity }
      return block
    }
    self.init(
      c, W_E: normal("embed.W_E", [c.dVocab, c.dModel]),
      W_pos: c.positionRows.map { normal("pos_embed.W_pos", [$0, c.dModel]) }, blocks: blocks,
      untiedUnembedding: c.tiesEmbeddings ? nil : normal("unembed.W_U", [c.dModel, c.dVocabOut]))
    lnFinal = NormalizationWeights(identityFor: c.unembeddingNormalization, width: c.dModel)
    if !c.tiesEmbeddings { b_U = zeros(c.dVocabOut) }
  }
}

extension TransformerConfiguration {
  /// The number of position vectors; nil where positions are not learned.
  public var positionRows: Int? {
    switch positions {
    case .learned, .shortformer: nContext
    case .none, .rotary, .alibi: nil
    }
  }
}
