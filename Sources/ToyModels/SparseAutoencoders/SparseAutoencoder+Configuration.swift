// What a sparse autoencoder is made of: sizes, activation, biases, the constraint on its dictionary, and how it starts.
//
//   relu        f = ReLU(π)                                   Bricken et al. 2023; Cunningham et al. 2023
//   topK        the k largest of ReLU(π) of each sample       Gao et al. 2024
//   batchTopK   the k·batch largest of a batch                Bussmann et al. 2024
//   jumpReLU    π where π > θ, with θ learned                 Rajamanoharan et al. 2024b
//   gated       ReLU(eʳπ₀ + b_mag) where π₀ + b_gate > 0      Rajamanoharan et al. 2024a

extension SparseAutoencoder {
  /// The parts and the size of a sparse autoencoder.
  public struct Configuration: Sendable, Equatable, Codable {
    /// The dimensions of an activation.
    public var inputs: Int
    /// The dictionary's size.
    public var latents: Int
    /// What makes latents of pre-activations.
    public var activation: Activation
    /// Whether the encoder is the decoder's transpose.
    public var isTied: Bool
    /// The bias of the reconstruction, and whether the input loses it first.
    public var decoderBias: DecoderBias
    /// What holds the length of the dictionary's vectors.
    public var decoderNorm: DecoderNorm
    /// How the weights start.
    public var initialization: Initialization

    /// Creates a configuration; what is not given is as in Bricken et al. 2023, but for the encoder's start.
    public init(
      inputs: Int, latents: Int, activation: Activation = .relu, isTied: Bool = false,
      decoderBias: DecoderBias = .preEncoder, decoderNorm: DecoderNorm = .unit,
      initialization: Initialization = .transposed()
    ) {
      precondition(inputs > 0 && latents > 0, "an autoencoder of \(inputs) inputs and \(latents) latents")
      switch activation {
      case .topK(let k), .batchTopK(let k):
        precondition(k > 0 && k <= latents, "the \(k) largest of \(latents) latents")
      case .jumpReLU(let bandwidth, let threshold):
        precondition(bandwidth > 0 && threshold > 0, "a JumpReLU of threshold \(threshold) and bandwidth \(bandwidth)")
      case .relu, .gated: break
      }
      self.inputs = inputs
      self.latents = latents
      self.activation = activation
      self.isTied = isTied
      self.decoderBias = decoderBias
      self.decoderNorm = decoderNorm
      self.initialization = initialization
    }
  }

  /// What makes latents of pre-activations.
  public enum Activation: Sendable, Equatable, Codable {
    /// ReLU, for a penalty on the latents' sum.
    case relu
    /// The k largest of each sample, if they are positive.
    case topK(Int)
    /// The k·batch largest of a batch while it trains; afterwards all above the threshold that training has found.
    case batchTopK(Int)
    /// What exceeds a learned threshold; the width of the kernel that its gradient is estimated with, its start.
    ///
    /// A batch moves only thresholds that have a pre-activation within half a bandwidth of them. With 1e-3, the paper's,
    /// a batch of a hundred moves few at a time; over a thousand steps they arrive all the same.
    case jumpReLU(bandwidth: Float = 1e-3, threshold: Float = 1e-3)
    /// A gate and a magnitude with directions in common.
    case gated
  }

  /// The bias of the reconstruction.
  public enum DecoderBias: String, Sendable, Codable, CaseIterable {
    /// There is none (Sharkey et al. 2022; Cunningham et al. 2023).
    case none
    /// It is added to the reconstruction only.
    case output
    /// It is added to the reconstruction and subtracted from the input (Bricken et al. 2023).
    case preEncoder
  }

  /// What holds the length of the dictionary's vectors.
  public enum DecoderNorm: String, Sendable, Codable, CaseIterable {
    /// Nothing.
    case free
    /// Unit length in training: a trainer brings them to it when it takes them and after each step, and removes the
    /// gradient's component along them before it.
    case unit
  }

  /// How the weights start; dictionary vectors have unit length, biases are zero.
  public enum Initialization: Sendable, Equatable, Codable {
    /// Random directions; the encoder is the decoder's transpose times a scale (Gao et al. 2024).
    case transposed(scale: Float = 1)
    /// Random directions; encoder weights uniform and of this expected length: √2 is He's, 1/√3 `nn.Linear`'s.
    case independent(length: Float = 1)
    /// Each run of `inputs` dictionary vectors is an orthonormal basis; encoder weights as `independent`.
    case orthogonal(length: Float = 1)
  }
}
