// How a model knows where a token stands.

import Tensors

/// How a model knows where a token stands.
public enum Positions: Sendable, Equatable, Codable {
  /// It does not.
  case none
  /// A learned vector for each position is added to the embedding.
  case learned
  /// A learned vector is added to what queries and keys read, and nowhere else (Press et al. 2021).
  case shortformer
  /// Queries and keys are rotated by an angle that grows with the position (Su et al. 2021).
  case rotary(Rotary)
  /// Scores fall linearly with the distance, with a slope for each head (Press et al. 2021).
  case alibi

  /// The rotation, where there is one.
  public var rotary: Rotary? {
    if case .rotary(let rotary) = self { rotary } else { nil }
  }
}

/// The rotation of queries and keys by their position.
public struct Rotary: Sendable, Equatable, Codable {
  /// Which elements of a head form a rotated pair.
  public enum Pairs: String, Sendable, Codable {
    /// Neighbours: 0 with 1, 2 with 3 (GPT-J).
    case adjacent
    /// An element of the first half with one of the second (GPT-NeoX, Llama).
    case halves
  }

  /// How the frequencies are stretched for long contexts.
  public enum Scaling: Sendable, Equatable, Codable {
    /// Not at all.
    case none
    /// All are divided by the factor.
    case linear(factor: Float)
    /// Low frequencies are divided by the factor, high ones kept, with a smooth passage between (Llama 3.1).
    case llama3(factor: Float, lowFrequencyFactor: Float, highFrequencyFactor: Float, originalContext: Int)
  }

  /// The number of leading elements of a head that are rotated.
  public var dimension: Int
  /// The base of the geometric series of wavelengths.
  public var base: Float
  /// Which elements form a pair.
  public var pairs: Pairs
  /// How the frequencies are stretched.
  public var scaling: Scaling

  /// Creates a rotation.
  public init(dimension: Int, base: Float = 10_000, pairs: Pairs = .halves, scaling: Scaling = .none) {
    precondition(dimension >= 0 && dimension.isMultiple(of: 2), "a rotation needs an even dimension, got \(dimension)")
    self.dimension = dimension
    self.base = base
    self.pairs = pairs
    self.scaling = scaling
  }
}
