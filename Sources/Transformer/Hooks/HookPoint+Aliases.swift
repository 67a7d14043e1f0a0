// The names that TransformerLens 4 gives to some activations beside their old ones: the input or output of a module.
//
// Only those stand here whose activation is the old one, for readers and for edits alike. The guide lists the others.

extension HookPoint {
  /// The place that TransformerLens 4 names by the module that writes or reads it; nil when there is none here.
  ///
  /// Canonical names are not aliases.
  static func aliased(_ name: String) -> HookPoint? {
    if let global = outsideBlocks[name] { return HookPoint(global) }
    let parts = name.split(separator: ".", maxSplits: 2, omittingEmptySubsequences: false)
    guard
      parts.count == 3, parts[0] == "blocks", let layer = Int(parts[1]), layer >= 0, String(layer) == parts[1],
      let activation = insideBlocks[String(parts[2])]
    else { return nil }
    return HookPoint(activation, layer: layer)
  }

  /// Whether a model has the place by the name, which for what a sublayer writes depends on what follows it.
  ///
  /// Where outputs are normalised before they are added, `attn.hook_out` comes before the norm and `hook_attn_out` after.
  static func isMeant(_ name: String, in configuration: TransformerConfiguration) -> Bool {
    !(configuration.normalizesOutputs && sublayerOutputs.contains { name.hasSuffix($0) })
  }

  private static let outsideBlocks: [String: ActivationName] = [
    "embed.hook_out": .embed, "pos_embed.hook_out": .posEmbed,
  ]

  private static let insideBlocks: [String: ActivationName] = [
    "hook_in": .residPre, "hook_out": .residPost, "attn.hook_out": .attnOut, "attn.o.hook_in": .z,
    "attn.o.hook_out": .attnOut, "attn.q.hook_out": .q, "attn.k.hook_out": .k, "attn.v.hook_out": .v,
    "ln2.hook_in": .mlpIn, "mlp.gate.hook_out": .pre, "mlp.out.hook_in": .post, "mlp.hook_out": .mlpOut,
    "mlp.out.hook_out": .mlpOut,
  ]

  private static let sublayerOutputs = [".attn.hook_out", ".attn.o.hook_out", ".mlp.hook_out", ".mlp.out.hook_out"]
}
