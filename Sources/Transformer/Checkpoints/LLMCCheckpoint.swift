// GPT-2 as llm.c stores it (`gpt2_124M.bin`): 256 integers of 32 bits, then each kind of parameter for all layers.
//
// Format: github.com/karpathy/llm.c, train_gpt2.py `write_model` and train_gpt2.c. Its matrices are [out, in]; here they
// are given the names and shapes of Hugging Face's GPT-2, whose matrices are [in, out], so one loader serves both.

/// Reads the header of an llm.c checkpoint.
enum LLMCCheckpoint {
  /// 20240326, little-endian.
  static let magic: [UInt8] = [0xc6, 0xd7, 0x34, 0x01]

  private static let headerBytes = 1024

  static func contents(of file: RegularFile) throws(CheckpointError) -> CheckpointContents {
    func fail(_ reason: String) -> CheckpointError { CheckpointError(file: file.path, reason: reason) }
    guard file.size >= headerBytes else { throw fail("ends within its header of \(headerBytes) bytes") }
    let header = try BinaryTiling.integers(file, count: 8)
    guard header[1] == 3 || header[1] == 5 else {
      throw fail("is an llm.c checkpoint of version \(header[1]); 3 (float32) and 5 (bfloat16) are read")
    }
    let (context, vocabulary, layers, heads, width, padded) =
      (header[2], header[3], header[4], header[5], header[6], header[7])
    guard header[2...].allSatisfy({ $0 >= 1 }), layers <= 10_000, padded >= vocabulary else {
      throw fail("has a header with impossible sizes: \(Array(header[2...]))")
    }

    var tiling = BinaryTiling(file: file, start: headerBytes, type: header[1] == 3 ? .f32 : .bf16)
    // The embedding is padded with rows that stand for no token.
    try tiling.add("wte.weight", [padded, width], rows: vocabulary)
    try tiling.add("wpe.weight", [context, width])
    let parameters: [(name: String, shape: [Int], isTransposed: Bool)] = [
      ("ln_1.weight", [width], false), ("ln_1.bias", [width], false),
      ("attn.c_attn.weight", [3 * width, width], true), ("attn.c_attn.bias", [3 * width], false),
      ("attn.c_proj.weight", [width, width], true), ("attn.c_proj.bias", [width], false),
      ("ln_2.weight", [width], false), ("ln_2.bias", [width], false),
      ("mlp.c_fc.weight", [4 * width, width], true), ("mlp.c_fc.bias", [4 * width], false),
      ("mlp.c_proj.weight", [width, 4 * width], true), ("mlp.c_proj.bias", [width], false),
    ]
    for parameter in parameters {
      for layer in 0..<layers {
        try tiling.add("h.\(layer).\(parameter.name)", parameter.shape, isTransposed: parameter.isTransposed)
      }
    }
    try tiling.add("ln_f.weight", [width])
    try tiling.add("ln_f.bias", [width])
    try tiling.finish()

    var contents = CheckpointContents(format: .llmC)
    contents.records = tiling.records
    contents.metadata = [
      "version": "\(header[1])", "n_ctx": "\(context)", "vocab_size": "\(vocabulary)", "n_layer": "\(layers)",
      "n_head": "\(heads)", "n_embd": "\(width)", "padded_vocab_size": "\(padded)",
    ]
    return contents
  }
}

/// Tensors that follow each other in a file without names, each of which must fit into what is left.
struct BinaryTiling {
  private let file: RegularFile
  private let type: ElementType
  private var place: Int
  private(set) var records: [TensorRecord] = []

  init(file: RegularFile, start: Int, type: ElementType) {
    self.file = file
    self.type = type
    place = start
  }

  /// The integers of 32 bits that begin a file.
  static func integers(_ file: RegularFile, count: Int) throws(CheckpointError) -> [Int] {
    let bytes = try file.bytes(0..<4 * count)
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { Int(Int32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self))) }
    }
  }

  /// Names the next tensor: all of it, its first rows, or with rows and columns exchanged.
  mutating func add(
    _ name: String, _ shape: [Int], rows: Int? = nil, isTransposed: Bool = false
  ) throws(CheckpointError) {
    let size = try skip(name, shape)
    var layout = StridedLayout(dense: shape)
    if let rows { layout.keep(0..<rows, axis: 0) }
    if isTransposed { layout.transpose() }
    records.append(
      TensorRecord(
        name: name, type: type, layout: layout,
        region: ByteRegion(source: .file(file), start: place - size, count: size), file: file.path))
  }

  /// Passes over the next tensor and returns its size in bytes.
  @discardableResult
  mutating func skip(_ name: String, _ shape: [Int]) throws(CheckpointError) -> Int {
    guard let size = type.byteCount(of: shape), size <= file.size - place else {
      throw CheckpointError(
        file: file.path, reason: "ends at byte \(file.size), within '\(name)' \(shape), which begins at byte \(place)")
    }
    place += size
    return size
  }

  /// Checks that nothing is left.
  func finish() throws(CheckpointError) {
    guard place == file.size else {
      throw CheckpointError(
        file: file.path, reason: "has \(file.size) bytes; the sizes in its header need \(place)")
    }
  }
}
