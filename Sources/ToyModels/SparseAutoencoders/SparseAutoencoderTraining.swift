// How sparse autoencoders are trained: what is minimised, at which rate, and what becomes of dead latents.

import Tensors

/// How a sparse autoencoder is trained.
public struct SparseAutoencoderTraining: Sendable, Equatable {
  /// How the error of reconstructions counts; both are means over samples.
  public enum Reconstruction: String, Sendable, CaseIterable {
    /// Σᵢ(x̂ᵢ − xᵢ)², the sum over inputs.
    case sumOfSquares
    /// The mean over inputs (Bricken et al. 2023).
    case meanSquare
  }

  /// What makes latents sparse; means over samples, the coefficient included.
  public enum SparsityPenalty: Sendable, Equatable {
    /// Nothing but the activation itself, as for `topK`.
    case none
    /// c·Σⱼfⱼ, the sum over latents (Bricken et al. 2023). Of a gated autoencoder the gates are summed.
    case l1Sum(Float)
    /// c·Σⱼfⱼ/latents, the mean over latents (Cunningham et al. 2023's code; the same c weighs less in larger ones).
    case l1Mean(Float)
    /// c times the number of active latents, for `jumpReLU`.
    case l0(Float)
  }

  /// What becomes of latents that have not been active for long.
  public struct Resampling: Sendable, Equatable {
    /// What they become.
    public enum Scheme: Sendable, Equatable {
      /// An input drawn ∝ loss², of unit length; the encoder has this share of the others' mean norm.
      case bricken(encoderShare: Float = 0.2)
      /// A random direction; the encoder has it times a scale (ARENA's simple resampling).
      case randomDirection(encoderScale: Float = 0.5)
    }

    /// What dead latents become.
    public var scheme: Scheme
    /// The steps between two resamplings.
    public var every: Int
    /// The steps without activity that make a latent dead.
    public var window: Int
    /// The last step after which latents are resampled.
    public var last: Int

    /// Creates a rule.
    public init(_ scheme: Scheme = .bricken(), every: Int, window: Int, last: Int = .max) {
      precondition(every > 0 && window > 0, "resampling every \(every) steps after \(window) dead ones")
      self.scheme = scheme
      self.every = every
      self.window = window
      self.last = last
    }
  }

  /// The peak learning rate.
  public var learningRate: Float
  /// A factor on the learning rate at each step.
  public var schedule: Schedule
  /// Adam's betas, epsilon and weight decay.
  public var adam: AdamCoefficients
  /// How the error of reconstructions counts.
  public var reconstruction: Reconstruction
  /// What makes latents sparse.
  public var penalty: SparsityPenalty
  /// A factor on the penalty at each step, for instance a warm-up.
  public var penaltySchedule: Schedule
  /// Whether the gradient's component along a dictionary vector is removed before a step, with `DecoderNorm.unit`.
  public var removesParallelGradient: Bool
  /// The weight of the newest batch in the running threshold of `batchTopK`.
  public var thresholdRate: Float
  /// What becomes of dead latents; nothing unless given.
  public var resampling: Resampling?

  /// Creates settings.
  public init(
    learningRate: Float = 1e-3, schedule: Schedule = .constant, adam: AdamCoefficients = AdamCoefficients(),
    reconstruction: Reconstruction = .sumOfSquares, penalty: SparsityPenalty,
    penaltySchedule: Schedule = .constant, removesParallelGradient: Bool = true, thresholdRate: Float = 0.01,
    resampling: Resampling? = nil
  ) {
    self.learningRate = learningRate
    self.schedule = schedule
    self.adam = adam
    self.reconstruction = reconstruction
    self.penalty = penalty
    self.penaltySchedule = penaltySchedule
    self.removesParallelGradient = removesParallelGradient
    self.thresholdRate = thresholdRate
    self.resampling = resampling
  }
}

/// What a batch cost; all are means over samples, as they enter the total.
public struct SparseAutoencoderLosses: Sendable, Equatable {
  /// The error of reconstructions.
  public var reconstruction: Double
  /// The penalty, its coefficient included.
  public var sparsity: Double
  /// A gated autoencoder's error of what its gates alone reconstruct.
  public var auxiliary: Double
  /// The mean number of active latents of a sample; no part of the total.
  public var l0: Double

  /// What is minimised.
  public var total: Double { reconstruction + sparsity + auxiliary }
}
