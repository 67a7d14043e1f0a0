// What a transformer is made of: sizes, and one choice for each place where the published families differ.
//
// One block serves all families. GPT-2 is learned positions, LayerNorm, sequential residuals and tanh-GELU; Llama is
// rotary positions, RMSNorm and a gated SiLU; everything between is a combination of the same choices.

import Tensors

/// The architecture of a transformer: everything about it but its weights.
public struct TransformerConfiguration: Sendable, Equatable, Codable {
  // MARK: - Sizes

  /// The number of blocks.
  public var nLayers: Int
  /// The width of the residual stream.
  public var dModel: Int
  /// The number of attention heads (query heads) in each block.
  public var nHeads: Int
  /// The number of key and value heads; fewer than `nHeads` in grouped-query attention, 1 in multi-query attention.
  public var nKeyValueHeads: Int
  /// The width of a head.
  public var dHead: Int
  /// The number of neurons of the MLP; 0 for an attention-only model.
  public var dMLP: Int
  /// The number of tokens that can be read.
  public var dVocab: Int
  /// The number of tokens that can be predicted.
  public var dVocabOut: Int
  /// The longest sequence of tokens.
  public var nContext: Int

  // MARK: - Residual stream

  /// What is done to the residual stream before it is read.
  public var normalization: Normalization = .layerNorm
  /// The constant that is added to the variance.
  public var epsilon: Float = 1e-5
  /// What is done to the stream before the unembedding, where it is not what is done in the blocks.
  public var finalNormalization: Normalization?
  /// Whether the outputs of attention and MLP are normalised before they are added, as in Gemma 2.
  public var normalizesOutputs = false
  /// How attention and MLP of a block follow each other.
  public var residual: Residual = .sequential

  // MARK: - Embedding

  /// How a model knows where a token stands.
  public var positions: Positions = .learned
  /// The factor on the token embedding; √dModel in Gemma.
  public var embeddingScale: Float = 1
  /// Whether the unembedding is the transposed token embedding.
  public var tiesEmbeddings = false
  /// The bound c of logits, c·tanh(x/c); nil for none.
  public var logitSoftCap: Float?

  // MARK: - Attention

  /// Which keys a query sees.
  public var direction: AttentionDirection = .causal
  /// The number of latest keys that a query of each layer sees, its own included; nil in a layer that sees them all.
  ///
  /// An empty list stands for no window anywhere.
  public var windows: [Int?] = []
  /// The factor on scores; 1/√dHead unless given.
  public var attentionScale: Float?
  /// Whether the scores of layer l are divided by l + 1 too, as in the GPT-2s of Stanford's CRFM.
  public var scalesScoresByLayer = false
  /// The bound c of scores, c·tanh(x/c), before the mask; nil for none.
  public var scoreSoftCap: Float?
  /// Whether queries and keys are divided by their root mean square in each head, with a weight, as in Qwen3.
  public var normalizesQueriesAndKeys = false
  /// Whether keys mix with those of the position before, by a share that each head learns (Olsson et al. 2022).
  ///
  /// k_j ← σ(α)·k_j + (1 − σ(α))·k_{j−1}; the first key of a row stays as it is.
  public var smearsKeys = false

  // MARK: - MLP

  /// The function of a neuron.
  public var activation: Activation = .geluTanh
  /// Whether the activation of one projection gates another one.
  public var isGated = false

  /// The default deviation of normally distributed initial weights; 0.8/√dModel unless given.
  public var initializerRange: Float?

  /// Creates the architecture of a plain decoder; the other choices are properties.
  ///
  /// Unless given, `dHead` is dModel/nHeads, `nKeyValueHeads` is `nHeads` and `dMLP` is 4·dModel.
  public init(
    nLayers: Int, dModel: Int, nHeads: Int, dHead: Int? = nil, nKeyValueHeads: Int? = nil, dMLP: Int? = nil,
    dVocab: Int, dVocabOut: Int? = nil, nContext: Int
  ) {
    precondition(nLayers >= 0 && dModel > 0 && dVocab > 0 && nContext > 0, "a transformer needs positive sizes")
    precondition(nHeads > 0 || nLayers == 0, "a transformer with layers needs a head")
    precondition(
      dHead != nil || nHeads == 0 || dModel.isMultiple(of: nHeads),
      "a width of \(dModel) cannot be shared by \(nHeads) heads: give dHead")
    self.nLayers = nLayers
    self.dModel = dModel
    self.nHeads = nHeads
    self.dHead = dHead ?? (nHeads > 0 ? dModel / nHeads : 0)
    self.nKeyValueHeads = nKeyValueHeads ?? nHeads
    self.dMLP = dMLP ?? 4 * dModel
    self.dVocab = dVocab
    self.dVocabOut = dVocabOut ?? dVocab
    self.nContext = nContext
  }

  /// What is done to the stream before the unembedding.
  public var unembeddingNormalization: Normalization { finalNormalization ?? normalization }

  /// Whether the model has no MLPs.
  public var isAttentionOnly: Bool { dMLP == 0 }

  /// The number of latest keys that a query of a layer sees; nil for all.
  public func window(ofLayer layer: Int) -> Int? { windows.isEmpty ? nil : windows[layer] }

  /// The factor on the scores of every head, before any division by the layer.
  public var scoreScale: Float { attentionScale ?? 1 / Float(max(dHead, 1)).squareRoot() }

  /// The factor on the scores of every head of a layer.
  public func scoreScale(ofLayer layer: Int) -> Float {
    scalesScoresByLayer ? scoreScale / Float(layer + 1) : scoreScale
  }
}

/// What is done to a vector of the residual stream before a layer reads it.
public enum Normalization: String, Sendable, Codable, CaseIterable {
  /// Nothing.
  case none
  /// Centre, divide by the standard deviation, multiply by weights, add a bias (Ba et al. 2016).
  case layerNorm
  /// The same without weights and bias, which were folded into the layers that read.
  case layerNormPre
  /// Divide by the root mean square, multiply by weights (Zhang and Sennrich 2019).
  case rmsNorm
  /// The same without weights, which were folded into the layers that read.
  case rmsNormPre

  /// Whether the mean is subtracted.
  public var centers: Bool { self == .layerNorm || self == .layerNormPre }

  /// Whether there are weights to multiply by.
  public var hasWeights: Bool { self == .layerNorm || self == .rmsNorm }

  /// The same without weights: what is left once they are folded.
  public var folded: Normalization {
    switch self {
    case .none: .none
    case .layerNorm, .layerNormPre: .layerNormPre
    case .rmsNorm, .rmsNormPre: .rmsNormPre
    }
  }
}

/// How attention and MLP of a block follow each other.
public enum Residual: String, Sendable, Codable {
  /// The MLP reads what attention has written.
  case sequential
  /// Both read the stream as it entered the block (GPT-J, GPT-NeoX, Phi).
  ///
  /// Each has its own normalisation; a family that shares one has the same weights in both.
  case parallel
}

/// Which keys a query sees.
public enum AttentionDirection: String, Sendable, Codable {
  /// Those at its own position and before.
  case causal
  /// All.
  case bidirectional
}

/// The function of a neuron.
public enum Activation: String, Sendable, Codable, CaseIterable {
  /// x·Φ(x).
  case gelu
  /// x·(1 + tanh(√(2/π)(x + 0.044715x³)))/2, the approximation that GPT-2 uses.
  case geluTanh
  /// max(x, 0).
  case relu
  /// x·σ(x).
  case silu
  /// x·softmax(x) over the neurons, then a LayerNorm with weights (Elhage et al. 2022, *Softmax Linear Units*).
  case solu
}
