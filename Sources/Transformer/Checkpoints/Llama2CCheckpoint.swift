// Llama as llama2.c stores it (`stories260K.bin`): seven integers of 32 bits, then each kind of parameter for all layers.
//
// Format: github.com/karpathy/llama2.c, export.py `legacy_export` and run.c. The file has no magic number: it is taken for
// one of these when the sizes of the header fill it to the byte. Names are those of llama2.c's own model. Unlike Hugging
// Face's, its queries and keys are rotated in adjacent pairs, so its tensors do not bear Hugging Face's names.

/// Reads the header of a llama2.c checkpoint.
enum Llama2CCheckpoint {
  private static let headerBytes = 28

  /// The contents, or nil when the file begins with no possible header.
  static func contents(of file: RegularFile, start: [UInt8]) throws(CheckpointError) -> CheckpointContents? {
    guard start.count >= headerBytes else { return nil }
    let header = try BinaryTiling.integers(file, count: 7)
    let (width, hidden, layers, heads, keyHeads, signedVocabulary, context) =
      (header[0], header[1], header[2], header[3], header[4], header[5], header[6])
    // A negative vocabulary says that the unembedding is a matrix of its own.
    let (vocabulary, isTied) = (abs(signedVocabulary), signedVocabulary > 0)
    guard [width, hidden, layers, heads, keyHeads, vocabulary, context].allSatisfy({ 1...(1 << 24) ~= $0 }),
      layers <= 10_000, width % heads == 0, heads % keyHeads == 0
    else { return nil }

    let headWidth = width / heads
    var tiling = BinaryTiling(file: file, start: headerBytes, type: .f32)
    try tiling.add("tok_embeddings.weight", [vocabulary, width])
    let parameters: [(name: String, shape: [Int])] = [
      ("attention_norm.weight", [width]), ("attention.wq.weight", [heads * headWidth, width]),
      ("attention.wk.weight", [keyHeads * headWidth, width]), ("attention.wv.weight", [keyHeads * headWidth, width]),
      ("attention.wo.weight", [width, heads * headWidth]), ("ffn_norm.weight", [width]),
      ("feed_forward.w1.weight", [hidden, width]), ("feed_forward.w2.weight", [width, hidden]),
      ("feed_forward.w3.weight", [hidden, width]),
    ]
    for parameter in parameters {
      for layer in 0..<layers { try tiling.add("layers.\(layer).\(parameter.name)", parameter.shape) }
    }
    try tiling.add("norm.weight", [width])
    // Two tables of rotations that follow from the sizes.
    try tiling.skip("freqs_cos", [context, headWidth / 2])
    try tiling.skip("freqs_sin", [context, headWidth / 2])
    if !isTied { try tiling.add("output.weight", [vocabulary, width]) }
    try tiling.finish()

    var contents = CheckpointContents(format: .llama2C)
    contents.records = tiling.records
    contents.metadata = [
      "dim": "\(width)", "hidden_dim": "\(hidden)", "n_layers": "\(layers)", "n_heads": "\(heads)",
      "n_kv_heads": "\(keyHeads)", "vocab_size": "\(vocabulary)", "max_seq_len": "\(context)",
      "tied_embeddings": "\(isTied)",
    ]
    return contents
  }
}
