// Which activations a sweep of patches replaces, one cell at a time; the sweeps of TransformerLens by their names.
//
//   get_act_patch_resid_pre(model, …)            →  model.activationPatch(.residPre, …)
//   get_act_patch_attn_head_out_by_pos(model, …) →  model.activationPatch(.attnHeadOutByPos, …)
//   generic_activation_patch(…)                  →  model.activationPatch(PatchSweep(.post, by: [.layer, .neuron]), …)

import Tensors

/// What the cells of a sweep differ in.
public enum PatchAxis: String, Sendable, Hashable, CaseIterable {
  /// The block.
  case layer
  /// The position; that of the query in scores and patterns.
  case pos
  /// The head: a key and value head where the activation has those.
  case head
  /// The position of the query in scores and patterns.
  case destPos = "dest_pos"
  /// The position of the key in scores and patterns.
  case srcPos = "src_pos"
  /// The element of the last axis.
  case neuron
}

/// A family of patches: an activation, and what each patch singles out of it.
public struct PatchSweep: Sendable, Hashable {
  /// One kind of activation of a sweep.
  public struct Kind: Sendable, Hashable {
    /// Its name on the axis of kinds.
    public let name: String
    /// What is patched.
    public let activation: ActivationName
  }

  /// The kinds of activation; with more than one, results have an axis `patch_type` before all others.
  public let kinds: [Kind]

  /// What cells differ in, in the order of the result's axes. Each patch replaces everything along the axes that are
  /// not named.
  public let axes: [PatchAxis]

  /// Creates a sweep over one kind of activation.
  public init(_ activation: ActivationName, by axes: [PatchAxis]) {
    self.init([Kind(name: activation.rawValue, activation: activation)], by: axes)
  }

  private init(_ kinds: [Kind], by axes: [PatchAxis]) {
    precondition(Set(axes).count == axes.count, "an axis is named twice in \(axes)")
    for kind in kinds {
      precondition(
        kind.activation.isInBlock == axes.contains(.layer),
        "\(kind.activation.rawValue) \(kind.activation.isInBlock ? "needs the axis" : "has no") layer")
    }
    self.kinds = kinds
    self.axes = axes
  }

  // MARK: - By layer and position

  /// The residual stream before each block, by position.
  public static let residPre = PatchSweep(.residPre, by: [.layer, .pos])
  /// The residual stream between attention and MLP, by position.
  public static let residMid = PatchSweep(.residMid, by: [.layer, .pos])
  /// What attention adds to the stream, by position.
  public static let attnOut = PatchSweep(.attnOut, by: [.layer, .pos])
  /// What the MLP adds to the stream, by position.
  public static let mlpOut = PatchSweep(.mlpOut, by: [.layer, .pos])

  // MARK: - By head

  /// Each head's mixture of values at one position.
  public static let attnHeadOutByPos = PatchSweep(.z, by: [.layer, .pos, .head])
  /// Each head's query at one position.
  public static let attnHeadQByPos = PatchSweep(.q, by: [.layer, .pos, .head])
  /// Each head's key at one position.
  public static let attnHeadKByPos = PatchSweep(.k, by: [.layer, .pos, .head])
  /// Each head's value at one position.
  public static let attnHeadVByPos = PatchSweep(.v, by: [.layer, .pos, .head])
  /// Each head's pattern of one query.
  public static let attnHeadPatternByPos = PatchSweep(.pattern, by: [.layer, .head, .destPos])
  /// Each head's attention from one query to one key.
  public static let attnHeadPatternDestSrcPos = PatchSweep(.pattern, by: [.layer, .head, .destPos, .srcPos])

  /// Each head's mixture of values at all positions.
  public static let attnHeadOutAllPos = PatchSweep(.z, by: [.layer, .head])
  /// Each head's queries at all positions.
  public static let attnHeadQAllPos = PatchSweep(.q, by: [.layer, .head])
  /// Each head's keys at all positions.
  public static let attnHeadKAllPos = PatchSweep(.k, by: [.layer, .head])
  /// Each head's values at all positions.
  public static let attnHeadVAllPos = PatchSweep(.v, by: [.layer, .head])
  /// Each head's whole pattern.
  public static let attnHeadPatternAllPos = PatchSweep(.pattern, by: [.layer, .head])

  // MARK: - Several kinds

  private static let headKinds = [
    Kind(name: "out", activation: .z), Kind(name: "q", activation: .q), Kind(name: "k", activation: .k),
    Kind(name: "v", activation: .v), Kind(name: "pattern", activation: .pattern),
  ]

  /// Output, query, key, value and pattern of each head at all positions: `[patch_type, layer, head]`.
  ///
  /// Where key and value heads are fewer, the cells of heads that do not exist are NaN.
  public static let attnHeadAllPosEvery = PatchSweep(headKinds, by: [.layer, .head])

  /// Output, query, key, value and pattern of each head by position: `[patch_type, layer, pos, head]`.
  ///
  /// Where key and value heads are fewer, the cells of heads that do not exist are NaN.
  public static let attnHeadByPosEvery = PatchSweep(headKinds, by: [.layer, .pos, .head])

  /// The stream before each block, attention's output and the MLP's, by position: `[patch_type, layer, pos]`.
  public static let blockEvery = PatchSweep(
    [
      Kind(name: "resid_pre", activation: .residPre), Kind(name: "attn_out", activation: .attnOut),
      Kind(name: "mlp_out", activation: .mlpOut),
    ], by: [.layer, .pos])

  // MARK: - Cells

  /// The names of a result's axes, the axis of examples left out.
  var axisNames: [String] { (kinds.count > 1 ? ["patch_type"] : []) + axes.map(\.rawValue) }

  /// The number of cells along each axis for one kind of activation of one shape.
  func extents(_ kind: Kind, shape: [Int], layers: Int) -> [Int] {
    axes.map { axis in
      if axis == .layer { return layers }
      return shape[PatchSweep.axis(axis, of: kind.activation, rank: shape.count)]
    }
  }

  /// Which axis of an activation `[batch, …]` a sweep's axis runs along.
  static func axis(_ axis: PatchAxis, of activation: ActivationName, rank: Int) -> Int {
    let isBetween = activation.isBetweenPositions
    switch axis {
    case .pos: return isBetween ? 2 : 1
    case .head:
      precondition(isBetween || rank == 4, "\(activation.rawValue) has no heads")
      return isBetween ? 1 : 2
    case .destPos, .srcPos:
      precondition(isBetween, "\(activation.rawValue) has no axis \(axis.rawValue)")
      return axis == .destPos ? 2 : 3
    case .neuron:
      precondition(!isBetween, "\(activation.rawValue) has no neurons")
      return rank - 1
    case .layer: preconditionFailure("a layer is no axis of an activation")
    }
  }

  /// What one cell replaces.
  func region(of cell: [Int]) -> ActivationRegion {
    var region = ActivationRegion.whole
    for (axis, index) in zip(axes, cell) {
      switch axis {
      case .layer: break
      case .pos, .destPos: region.positions = .only([index])
      case .head: region.heads = [index]
      case .srcPos: region.sources = [index]
      case .neuron: region.elements = [index]
      }
    }
    return region
  }

  /// The hook point of one cell.
  func point(of cell: [Int], _ kind: Kind) -> HookPoint {
    HookPoint(kind.activation, layer: axes.firstIndex(of: .layer).map { cell[$0] })
  }

  /// All index tuples below some extents, the last axis fastest.
  static func cells(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { cells, extent in cells.flatMap { cell in (0..<extent).map { cell + [$0] } } }
  }
}
