// The model of a byte-pair tokenizer: a word becomes the pieces of its bytes or scalars, and these are merged.
//
// Byte-level models begin with bytes. SentencePiece-style models begin with scalars; a scalar that is no piece becomes its
// bytes (`<0x0A>`), or the unknown token. The order of the rules is that of Hugging Face `tokenizers`.

/// Pieces, merges, and the rules for what is not in the vocabulary.
struct BytePairModel: Sendable {
  /// What a word is made of before the first merge.
  enum Unit: Sendable {
    case bytes, scalars
  }

  let vocabulary: TokenVocabulary
  let merges: MergeTable
  let unit: Unit
  /// The token of scalars that are no piece; nil drops them.
  var unknownID: Int32?
  /// Whether neighbouring unknown scalars are one unknown token.
  var fusesUnknown = false
  /// Whether a word that is a piece is taken whole, whatever the merges say, as in Llama 3.
  var ignoresMerges = false
  /// The id of each byte as a piece of byte-level models, or of `<0x…>`; -1 where there is none.
  private let byteIDs: [Int32]

  /// Joins a vocabulary and merges; with `byteFallback`, scalars that are no piece become the pieces of their bytes.
  init(vocabulary: TokenVocabulary, merges: MergeTable, unit: Unit, byteFallback: Bool) {
    self.vocabulary = vocabulary
    self.merges = merges
    self.unit = unit
    byteIDs = (0..<256).map { byte in
      switch unit {
      case .bytes: return vocabulary.id(ByteLevelAlphabet.standIns[byte]) ?? -1
      case .scalars: return byteFallback ? vocabulary.id(Self.fallbackPiece(UInt8(byte))) ?? -1 : -1
      }
    }
  }

  /// The piece that stands for a byte: `<0x0A>`.
  static func fallbackPiece(_ byte: UInt8) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)], UInt8(ascii: ">")]
  }

  /// What is kept from word to word while one text is encoded: buffers, and the tokens of words that were seen.
  struct Workspace {
    fileprivate var merging = MergeTable.Workspace()
    fileprivate var words = ByteStringTable()
    /// Where the tokens of each word begin, and the end of the last.
    fileprivate var starts = [0]
    fileprivate var tokens: [Int32] = []

    /// Longer words are rare, and more words than this would cost more memory than time is saved.
    fileprivate static let longestWord = 64
    fileprivate static let mostWords = 1 << 16
  }

  /// Appends the tokens of a word.
  func encode(_ word: UnsafeBufferPointer<UInt8>, with work: inout Workspace, to tokens: inout [Int32]) {
    guard word.count <= Workspace.longestWord else {
      encodeUnseen(word, &work.merging)
      tokens.append(contentsOf: work.merging.pieces)
      return
    }
    if let index = work.words.find(word) {
      tokens.append(contentsOf: work.tokens[work.starts[index]..<work.starts[index + 1]])
      return
    }
    encodeUnseen(word, &work.merging)
    tokens.append(contentsOf: work.merging.pieces)
    if work.words.count < Workspace.mostWords {
      _ = work.words.insert(word)
      work.tokens.append(contentsOf: work.merging.pieces)
      work.starts.append(work.tokens.count)
    }
  }

  private func encodeUnseen(_ word: UnsafeBufferPointer<UInt8>, _ work: inout MergeTable.Workspace) {
    work.pieces.removeAll(keepingCapacity: true)
    if ignoresMerges, let whole = wholeWord(word) {
      work.pieces.append(whole)
      return
    }
    var unknown: Int32?
    var place = 0
    while place < word.count {
      let length = unit == .bytes ? 1 : UTF8Text.length(of: word[place])
      let bytes = UnsafeBufferPointer(rebasing: word[place..<place + length])
      place += length
      let id = unit == .bytes ? byteIDs[Int(bytes[0])] : vocabulary.id(bytes) ?? -1
      if id >= 0 {
        if let pending = unknown { work.pieces.append(pending) }
        unknown = nil
        work.pieces.append(id)
      } else if unit == .scalars, bytes.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
        for byte in bytes { work.pieces.append(byteIDs[Int(byte)]) }
      } else if let unknownID {
        if let pending = unknown, !fusesUnknown { work.pieces.append(pending) }
        unknown = unknownID
      }
    }
    if let unknown { work.pieces.append(unknown) }
    merges.merge(&work)
  }

  private func wholeWord(_ word: UnsafeBufferPointer<UInt8>) -> Int32? {
    switch unit {
    case .bytes: vocabulary.id(word.flatMap { ByteLevelAlphabet.standIns[Int($0)] })
    case .scalars: vocabulary.id(word)
    }
  }
}
