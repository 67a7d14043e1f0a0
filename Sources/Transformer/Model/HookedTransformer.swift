// A transformer one can look into: its configuration and its weights, a value.
//
// Running it is in Forward/, what can be seen and changed on the way in Hooks/. Processing (folding, centring) makes a
// new model; nothing here is ever changed behind the user's back.

import Tensors

/// A transformer whose every activation can be read and changed.
public struct HookedTransformer: Parameterized, Sendable {
  /// The architecture.
  public internal(set) var configuration: TransformerConfiguration

  /// What was done to the weights since they were trained or loaded.
  public internal(set) var processing: Processing = []

  /// Tokens to residual stream, `[dVocab, dModel]`.
  public var W_E: Tensor
  /// Positions to residual stream, `[position, dModel]`; only where positions are learned vectors.
  public var W_pos: Tensor?
  /// The blocks.
  public var blocks: [BlockWeights]
  /// The normalisation before the unembedding.
  public var lnFinal = NormalizationWeights()
  /// Residual stream to logits, `[dModel, dVocabOut]`; nil while it is the transposed token embedding.
  public var untiedUnembedding: Tensor?
  /// Added to the logits, `[dVocabOut]`.
  public var b_U: Tensor?

  /// Creates a transformer from its weights; those that are not given here are properties.
  public init(
    _ configuration: TransformerConfiguration, W_E: Tensor, W_pos: Tensor? = nil, blocks: [BlockWeights],
    untiedUnembedding: Tensor? = nil
  ) {
    configuration.requireNoFault()
    precondition(
      W_E.shape == [configuration.dVocab, configuration.dModel],
      "W_E of shape \(W_E.shape) in a model of \(configuration.dVocab) tokens and width \(configuration.dModel)")
    precondition(
      blocks.count == configuration.nLayers, "\(blocks.count) blocks in a model of \(configuration.nLayers) layers")
    precondition(
      configuration.tiesEmbeddings == (untiedUnembedding == nil),
      "an unembedding belongs to a model exactly when it is not tied to the embedding")
    self.configuration = configuration
    self.W_E = W_E
    self.W_pos = W_pos
    self.blocks = blocks
    self.untiedUnembedding = untiedUnembedding
  }

  /// Residual stream to logits, `[dModel, dVocabOut]`; a transposed copy where it is tied to the embedding.
  public var W_U: Tensor { untiedUnembedding ?? W_E.transposed() }

  /// Shows every weight that is there under its name in TransformerLens, in the shape in which it is stored.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("embed.W_E", &W_E)
    visitOptional("pos_embed.W_pos", &W_pos, visit)
    for layer in blocks.indices { visitParameters(under: "blocks.\(layer)", of: &blocks[layer], visit) }
    visitParameters(under: "ln_final", of: &lnFinal, visit)
    visitOptional("unembed.W_U", &untiedUnembedding, visit)
    visitOptional("unembed.b_U", &b_U, visit)
  }
}
