// What one run does beside computing logits, and what it leaves.

import Tensors

/// Which positions are unembedded.
public enum LogitPositions: Sendable, Equatable {
  /// All: logits are `[batch, position, dVocabOut]`.
  case all
  /// The last of each row: logits are `[batch, dVocabOut]`.
  case last
  /// One of each row: logits are `[batch, dVocabOut]`.
  case each([Int])
  /// None: there are no logits.
  case none
}

/// A place in the middle of a transformer from which a run goes on.
public struct RunStart {
  /// What has been computed already.
  public enum Stage: Sendable {
    /// The stream as it enters the block.
    case residPre
    /// The stream as it enters the block's MLP: attention has been added.
    case residMid
  }

  /// The residual stream there, `[batch, position, dModel]`.
  public let residual: Variable
  /// The block.
  public let layer: Int
  /// What of the block is left to compute.
  public let stage: Stage

  /// Creates a start from a residual stream that is known.
  public init(_ residual: Variable, layer: Int, stage: Stage = .residPre) {
    self.residual = residual
    self.layer = layer
    self.stage = stage
  }

  /// Creates a start from a residual stream that is known.
  public init(_ residual: Tensor, layer: Int, stage: Stage = .residPre) {
    self.init(Variable(residual), layer: layer, stage: stage)
  }
}

/// What one run does beside computing logits.
public struct RunOptions {
  /// The interventions, in the order in which they are made where several meet.
  public var hooks: [Hook] = []
  /// The activations that are kept, after the hooks.
  public var cached: HookFilter = .none
  /// The positions that are kept of each; all unless given.
  public var cachedPositions: Range<Int>?
  /// The layer before which the run stops, a negative one counted from the end; there are no logits then.
  public var stopAtLayer: Int?
  /// Where the run begins, if not at the tokens; the tokens still say where padding is.
  public var start: RunStart?
  /// The positions that are unembedded.
  public var logits: LogitPositions = .all

  /// The one position of each row that is wanted of the residual stream at the end, which is `[batch, dModel]` then.
  ///
  /// The last block computes no more than those need, unless somebody watches it.
  var readPositions: [Int]?

  /// The layer before which a run of a model stops: the number of its layers where nothing stops it.
  func end(layers: Int) -> Int {
    let end = stopAtLayer.map { $0 < 0 ? layers + $0 : $0 } ?? layers
    precondition((0...layers).contains(end), "a run of \(layers) layers cannot stop at \(stopAtLayer ?? layers)")
    return end
  }

  /// Creates the options of a plain run.
  public init() {}

  /// Creates the options of a run with interventions.
  public init(hooks: [Hook] = [], cached: HookFilter = .none, stopAtLayer: Int? = nil) {
    self.hooks = hooks
    self.cached = cached
    self.stopAtLayer = stopAtLayer
  }
}

/// What one run leaves.
public struct RunResult {
  /// The logits, as the options asked for them; nil when none were.
  public let logits: Variable?
  /// The residual stream at the end of the run: before the final normalisation, `[batch, position, dModel]`.
  public let residual: Variable
  /// The activations that were asked for.
  public let cache: ActivationCache
}
