// Llama as llama2.c trains it (github.com/karpathy/llama2.c): adjacent pairs are rotated, as in Meta's own code.

extension Family {
  /// The model of a llama2.c checkpoint, whose header has the sizes and whose code has the rest.
  static func llama2C(_ header: ConfigurationFile) throws(CheckpointError) -> FamilyModel {
    let (dModel, nHeads) = (try header.size("dim"), try header.size("n_heads"))
    let dHead = try header.headWidth(dModel, nHeads, "n_heads")
    guard dHead.isMultiple(of: 2) else {
      throw header.fail("n_heads", "leaves heads of \(dHead); an even width was expected")
    }
    var c = TransformerConfiguration(
      nLayers: try header.layers("n_layers"), dModel: dModel, nHeads: nHeads, dHead: dHead,
      nKeyValueHeads: try header.size("n_kv_heads"), dMLP: try header.size("hidden_dim"),
      dVocab: try header.size("vocab_size"), nContext: try header.size("max_seq_len"))
    c.normalization = .rmsNorm
    c.activation = .silu
    c.isGated = true
    c.tiesEmbeddings = try header.truth("tied_embeddings", default: true)
    c.positions = .rotary(Rotary(dimension: dHead, pairs: .adjacent))
    let names = WeightNames(
      embedding: "tok_embeddings", block: "layers.", ln1: "attention_norm", ln2: "ffn_norm",
      queriesKeysValues: .separate(q: "attention.wq", k: "attention.wk", v: "attention.wv"), output: "attention.wo",
      mlpIn: "feed_forward.w3", mlpGate: "feed_forward.w1", mlpOut: "feed_forward.w2", lnFinal: "norm",
      unembedding: ["output"])
    return FamilyModel(configuration: c, names: names)
  }
}
