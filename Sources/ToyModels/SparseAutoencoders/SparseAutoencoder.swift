// A sparse autoencoder: activations as sparse, non-negative sums of the vectors of a dictionary.
//
//   f = σ(W_enc(x − b_dec) + b_enc)      x̂ = W_dec f + b_dec
//
// Names and meaning follow Bricken et al. 2023 and SAELens. Inside, both weights lie with one row for each latent: rows
// are what products, gradients, the norm constraint and resampling want.

import Tensors

/// A dictionary with an encoder.
public struct SparseAutoencoder: Sendable, Equatable {
  /// Its parts and sizes.
  public let configuration: Configuration

  /// All weights, one row for each latent.
  var parameters: SparseAutoencoderParameters

  /// What a latent must exceed outside of training, for `batchTopK`; training keeps it, and it starts at zero.
  public var batchThreshold: Float = 0

  /// Draws weights.
  public init(_ configuration: Configuration, using random: RandomStream) {
    self.configuration = configuration
    parameters = SparseAutoencoderParameters(configuration, initializedFrom: random)
  }

  /// Creates an autoencoder from its weights; biases that are not given are zero.
  ///
  /// - Parameters:
  ///   - configuration: Sizes and parts.
  ///   - encoderWeight: `[inputs, latents]`; nil when tied.
  ///   - encoderBias: `[latents]`; of a gated autoencoder the bias of magnitudes.
  ///   - decoderWeight: `[latents, inputs]`, taken as it is.
  ///   - decoderBias: `[inputs]`.
  ///   - gateBias: `[latents]`, of a gated autoencoder.
  ///   - magnitudeScale: `[latents]`, of a gated autoencoder: logarithms.
  ///   - thresholds: `[latents]`, of `jumpReLU`, which otherwise start where the activation says, and of `batchTopK`.
  public init(
    _ configuration: Configuration, encoderWeight: Tensor?, encoderBias: Tensor? = nil, decoderWeight: Tensor,
    decoderBias: Tensor? = nil, gateBias: Tensor? = nil, magnitudeScale: Tensor? = nil, thresholds: Tensor? = nil
  ) {
    precondition(
      (encoderWeight == nil) == configuration.isTied, "an encoder is given exactly if it is not the decoder's transpose"
    )
    self.configuration = configuration
    parameters = SparseAutoencoderParameters(startingBiasesFor: configuration)
    self.decoderWeight = decoderWeight
    if let encoderWeight { self.encoderWeight = encoderWeight }
    if let encoderBias { self.encoderBias = encoderBias }
    if let decoderBias { self.decoderBias = decoderBias }
    if let gateBias { self.gateBias = gateBias }
    if let magnitudeScale { self.magnitudeScale = magnitudeScale }
    if let thresholds { self.thresholds = thresholds }
  }

  /// The encoder, `[inputs, latents]`; made anew at each call, and of a tied autoencoder the decoder's transpose.
  public var encoderWeight: Tensor {
    get { encoderRows.transposed() }
    set {
      precondition(!configuration.isTied, "a tied autoencoder has no encoder of its own")
      encoderRows = newValue.transposed()
    }
  }

  /// The encoder's vectors as rows, `[latents, inputs]`: what SAELens calls `W_enc`, transposed.
  public var encoderRows: Tensor {
    get { configuration.isTied ? parameters.decoder : parameters.encoder }
    set {
      precondition(!configuration.isTied, "a tied autoencoder has no encoder of its own")
      check(newValue, [configuration.latents, configuration.inputs], "encoder")
      parameters.encoder = newValue
    }
  }

  /// The bias of pre-activations, `[latents]`; of a gated autoencoder that of magnitudes, `b_mag`.
  public var encoderBias: Tensor {
    get { parameters.encoderBias }
    set {
      check(newValue, [configuration.latents], "encoder bias")
      parameters.encoderBias = newValue
    }
  }

  /// The dictionary, one vector in each row: `[latents, inputs]`; of any length until a trainer takes it.
  public var decoderWeight: Tensor {
    get { parameters.decoder }
    set {
      check(newValue, [configuration.latents, configuration.inputs], "decoder")
      parameters.decoder = newValue
    }
  }

  /// The bias of reconstructions, `[inputs]`; zeros where there is none.
  public var decoderBias: Tensor {
    get {
      configuration.decoderBias == .none ? Tensor(zeros: [configuration.inputs]) : parameters.decoderBias
    }
    set {
      precondition(configuration.decoderBias != .none, "this autoencoder has no decoder bias")
      check(newValue, [configuration.inputs], "decoder bias")
      parameters.decoderBias = newValue
    }
  }

  /// The bias of a gated autoencoder's gates, `[latents]`, `b_gate`; nil for others.
  public var gateBias: Tensor? {
    get { configuration.activation == .gated ? parameters.gateBias : nil }
    set { parameters.gateBias = ofGates(newValue, "gate bias") }
  }

  /// The logarithm of what a gated autoencoder's magnitudes are scaled by, `[latents]`, `r_mag`; nil for others.
  public var magnitudeScale: Tensor? {
    get { configuration.activation == .gated ? parameters.magnitudeScale : nil }
    set { parameters.magnitudeScale = ofGates(newValue, "magnitude scale") }
  }

  /// What a latent must exceed: `[latents]`, learned by `jumpReLU`, one number for `batchTopK`; nil for others.
  ///
  /// A JumpReLU keeps logarithms, so that what is read is what was set but for rounding.
  public var thresholds: Tensor? {
    get {
      switch configuration.activation {
      case .jumpReLU: parameters.logThreshold.exp()
      case .batchTopK: Tensor(repeating: batchThreshold, [configuration.latents])
      case .relu, .topK, .gated: nil
      }
    }
    set {
      guard let thresholds = newValue else { preconditionFailure("thresholds can be replaced and not removed") }
      check(thresholds, [configuration.latents], "threshold")
      precondition(thresholds.elements.allSatisfy { $0 >= 0 }, "a latent is not negative, and no threshold is")
      switch configuration.activation {
      case .jumpReLU: parameters.logThreshold = thresholds.log()
      case .batchTopK:
        precondition(thresholds.minimum() == thresholds.maximum(), "a batch has one threshold for all latents")
        batchThreshold = thresholds[0]
      case .relu, .topK, .gated: preconditionFailure("only JumpReLU and BatchTopK have thresholds")
      }
    }
  }

  private func ofGates(_ tensor: Tensor?, _ name: String) -> Tensor {
    guard let tensor, configuration.activation == .gated else {
      preconditionFailure("a gated autoencoder, and no other, has a \(name)")
    }
    check(tensor, [configuration.latents], name)
    return tensor
  }

  private func check(_ tensor: Tensor, _ shape: [Int], _ name: String) {
    precondition(tensor.shape == shape, "a \(name) of shape \(tensor.shape) where it is \(shape)")
  }
}
