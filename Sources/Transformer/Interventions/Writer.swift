// The parts of a transformer that write to the residual stream, and those that read it: the nodes of circuits and paths.

/// A part that adds to the residual stream.
public enum Writer: Sendable, Hashable, CustomStringConvertible {
  /// The token embedding.
  case embed
  /// One attention head.
  case head(layer: Int, head: Int)
  /// The MLP of one block.
  case mlp(layer: Int)

  /// A head.
  public static func head(_ layer: Int, _ head: Int) -> Writer { .head(layer: layer, head: head) }

  /// All heads of a model, layer by layer.
  public static func heads(of configuration: TransformerConfiguration) -> [Writer] {
    (0..<configuration.nLayers).flatMap { layer in (0..<configuration.nHeads).map { .head(layer, $0) } }
  }

  /// All MLPs of a model.
  public static func mlps(of configuration: TransformerConfiguration) -> [Writer] {
    configuration.isAttentionOnly ? [] : (0..<configuration.nLayers).map { .mlp(layer: $0) }
  }

  /// Everything that writes, in the order in which a block computes it: the embedding, then heads and MLP of each layer.
  public static func all(of configuration: TransformerConfiguration) -> [Writer] {
    [.embed]
      + (0..<configuration.nLayers).flatMap { layer in
        (0..<configuration.nHeads).map { .head(layer, $0) }
          + (configuration.isAttentionOnly ? [] : [.mlp(layer: layer)])
      }
  }

  /// The block it is in; nil for the embedding.
  public var layer: Int? {
    switch self {
    case .embed: nil
    case .head(let layer, _), .mlp(let layer): layer
    }
  }

  /// The field's name: `embed`, `L3H7`, `L3.mlp`.
  public var description: String {
    switch self {
    case .embed: "embed"
    case .head(let layer, let head): "L\(layer)H\(head)"
    case .mlp(let layer): "L\(layer).mlp"
    }
  }
}

/// A part that reads the residual stream.
public enum Reader: Sendable, Hashable, CustomStringConvertible {
  /// The queries of one head.
  case q(layer: Int, head: Int)
  /// The keys of one key and value head.
  case k(layer: Int, head: Int)
  /// The values of one key and value head.
  case v(layer: Int, head: Int)
  /// The MLP of one block.
  case mlp(layer: Int)
  /// The unembedding, with the normalisation before it.
  case logits

  /// Everything that reads, layer by layer: queries, keys and values of all heads, then the MLP; then the logits.
  public static func all(of configuration: TransformerConfiguration) -> [Reader] {
    let c = configuration
    return (0..<c.nLayers).flatMap { layer -> [Reader] in
      (0..<c.nHeads).map { .q(layer: layer, head: $0) } + (0..<c.nKeyValueHeads).map { .k(layer: layer, head: $0) }
        + (0..<c.nKeyValueHeads).map { .v(layer: layer, head: $0) } + (c.isAttentionOnly ? [] : [.mlp(layer: layer)])
    } + [.logits]
  }

  /// The block it is in; nil for the logits.
  public var layer: Int? {
    switch self {
    case .q(let layer, _), .k(let layer, _), .v(let layer, _), .mlp(let layer): layer
    case .logits: nil
    }
  }

  /// The head; nil where there is none.
  public var head: Int? {
    switch self {
    case .q(_, let head), .k(_, let head), .v(_, let head): head
    case .mlp, .logits: nil
    }
  }

  /// Whether what a part writes is in what this one reads.
  public func reads(_ writer: Writer, in configuration: TransformerConfiguration) -> Bool {
    guard let from = writer.layer, let to = layer else { return true }
    if from != to { return from < to }
    guard case .mlp = self, case .head = writer else { return false }
    return configuration.residual == .sequential
  }

  /// The activation that stands for it when a value is put there: the projected queries, keys or values, or the stream
  /// that enters the MLP; nil for the logits.
  var point: HookPoint? {
    switch self {
    case .q(let layer, _): HookPoint(.q, layer: layer)
    case .k(let layer, _): HookPoint(.k, layer: layer)
    case .v(let layer, _): HookPoint(.v, layer: layer)
    case .mlp(let layer): HookPoint(.mlpIn, layer: layer)
    case .logits: nil
    }
  }

  /// The field's name: `L3H7.q`, `L3.mlp`, `logits`.
  public var description: String {
    switch self {
    case .q(let layer, let head): "L\(layer)H\(head).q"
    case .k(let layer, let head): "L\(layer)H\(head).k"
    case .v(let layer, let head): "L\(layer)H\(head).v"
    case .mlp(let layer): "L\(layer).mlp"
    case .logits: "logits"
    }
  }
}
