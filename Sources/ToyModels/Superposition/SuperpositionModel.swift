// The models of Elhage et al. 2022, "Toy Models of Superposition": n features squeezed through m < n hidden dimensions.
//
//   linear model          x′ = WᵀW x + b                     "Demonstrating Superposition"
//   ReLU output model     x′ = ReLU(WᵀW x + b)               the paper's main model
//   ReLU hidden model     x′ = ReLU(Wᵀ ReLU(W x) + b)        "Superposition in a Privileged Basis"
//   absolute-value model  y′ = ReLU(W₂ ReLU(W₁ x) + b)       "Computation in Superposition", target |x|, untied
//
// Many independent models are trained at once: the first axis of every parameter counts instances. As in the companion
// notebook, W is stored as [instance, feature, hidden], one row for each feature's direction.

import Tensors

/// What a superposition model computes, apart from its weights.
public struct SuperpositionArchitecture: Sendable, Equatable {
  /// A nonlinearity, or none.
  public enum Activation: String, Sendable {
    /// None: the value as it is.
    case identity
    /// The positive part, max(x, 0).
    case relu
  }

  /// What the output should equal.
  public enum Target: String, Sendable {
    /// The input x.
    case input
    /// Its absolute value |x|.
    case magnitude
  }

  /// The number n of features.
  public var features: Int
  /// The number m of hidden dimensions.
  public var hidden: Int
  /// What acts on the hidden layer.
  public var hiddenActivation: Activation
  /// What acts on the output.
  public var outputActivation: Activation
  /// Whether the decoder is the encoder's transpose.
  public var isTied: Bool
  /// What the output should equal.
  public var target: Target

  /// The paper's main model, x′ = ReLU(WᵀW x + b).
  public static func reluOutput(features: Int, hidden: Int) -> SuperpositionArchitecture {
    .init(
      features: features, hidden: hidden, hiddenActivation: .identity, outputActivation: .relu, isTied: true,
      target: .input)
  }

  /// The linear model, x′ = WᵀW x + b: the control of every claim about superposition.
  public static func linear(features: Int, hidden: Int) -> SuperpositionArchitecture {
    .init(
      features: features, hidden: hidden, hiddenActivation: .identity, outputActivation: .identity, isTied: true,
      target: .input)
  }

  /// The model with a privileged hidden basis, x′ = ReLU(Wᵀ ReLU(W x) + b).
  public static func reluHidden(features: Int, hidden: Int) -> SuperpositionArchitecture {
    .init(
      features: features, hidden: hidden, hiddenActivation: .relu, outputActivation: .relu, isTied: true,
      target: .input)
  }

  /// The model that computes, y′ = ReLU(W₂ ReLU(W₁ x) + b) with target |x|.
  ///
  /// - Parameter hiddenActivation: `.identity` is the control, which cannot compute an absolute value.
  public static func absoluteValue(
    features: Int, hidden: Int, hiddenActivation: Activation = .relu
  ) -> SuperpositionArchitecture {
    .init(
      features: features, hidden: hidden, hiddenActivation: hiddenActivation, outputActivation: .relu, isTied: false,
      target: .magnitude)
  }
}

/// A batch of independent superposition models that share an architecture.
public struct SuperpositionModel: Sendable {
  /// What the models compute.
  public let architecture: SuperpositionArchitecture
  /// The weights into the hidden layer, W in the tied models and W₁ᵀ otherwise, `[instance, feature, hidden]`.
  public var encoder: Tensor
  /// The weights out of the hidden layer, `[instance, feature, hidden]`; nil in tied models.
  public var decoder: Tensor?
  /// The output bias b, `[instance, feature]`.
  public var bias: Tensor

  /// Creates models from their parameters.
  public init(architecture: SuperpositionArchitecture, encoder: Tensor, decoder: Tensor? = nil, bias: Tensor) {
    let expected = [bias.shape.first ?? 0, architecture.features, architecture.hidden]
    precondition(encoder.shape == expected, "the encoder has shape \(encoder.shape), not \(expected)")
    precondition(bias.rank == 2 && bias.shape[1] == architecture.features, "the bias has shape \(bias.shape)")
    precondition((decoder == nil) == architecture.isTied, "exactly the untied models have a decoder of their own")
    if let decoder { precondition(decoder.shape == expected, "the decoder has shape \(decoder.shape)") }
    self.architecture = architecture
    self.encoder = encoder
    self.decoder = decoder
    self.bias = bias
  }

  /// How the weights are drawn before training.
  public enum Initialization: Sendable, Equatable {
    /// Independent normals with this standard deviation.
    case normal(standardDeviation: Float)
    /// The notebook's `xavier_normal_` on the whole `[instance, feature, hidden]` array: deviation √(2/(n·m + instances·m)).
    case xavierOfNotebook
    /// Xavier's normal initialisation of a single model: deviation √(2/(n + m)).
    case xavier
  }

  /// Creates untrained models with zero bias.
  public init(
    _ architecture: SuperpositionArchitecture, instances: Int, initialization: Initialization,
    using random: RandomStream
  ) {
    let (n, m) = (architecture.features, architecture.hidden)
    let deviation: Float =
      switch initialization {
      case .normal(let standardDeviation): standardDeviation
      case .xavierOfNotebook: (2 / Float(n * m + instances * m)).squareRoot()
      case .xavier: (2 / Float(n + m)).squareRoot()
      }
    var encoderStream = random.derived("encoder")
    var decoderStream = random.derived("decoder")
    let shape = [instances, n, m]
    self.init(
      architecture: architecture,
      encoder: encoderStream.normal(shape, standardDeviation: deviation),
      decoder: architecture.isTied ? nil : decoderStream.normal(shape, standardDeviation: deviation),
      bias: Tensor(zeros: [instances, n]))
  }

  /// The number of independent models.
  public var instances: Int { bias.shape[0] }
}
