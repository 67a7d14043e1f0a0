// Turns pieces back into text. Bytes that are no UTF-8 become U+FFFD, as in Hugging Face `tokenizers`.

/// A sequence of steps from pieces to text.
struct TokenDecoder: Sendable {
  /// One step; each maps a list of pieces to a list of pieces, which are joined at the end.
  enum Step: Sendable {
    /// Stand-ins become bytes; joins all pieces.
    case byteLevel
    /// Replaces each occurrence of a string in each piece.
    case replace([UInt8], with: [UInt8])
    /// Runs of `<0x0A>` become their text, or one U+FFFD for each byte when that is no UTF-8.
    case byteFallback
    /// Joins all pieces.
    case fuse
    /// Drops up to so many of a scalar at the start and at the end of each piece.
    case strip([UInt8], start: Int, stop: Int)
    /// ▁ becomes a space; in the first piece it is dropped, when texts get one in front.
    case metaspace([UInt8], dropsFirst: Bool)
  }

  /// The steps; nil joins the pieces with spaces.
  var steps: [Step]?

  /// The text of pieces.
  ///
  /// - Parameter isWhole: Whether the pieces are a text of their own. If not, a space in front is a part of the text.
  func text(of pieces: [ArraySlice<UInt8>], isWhole: Bool) -> String {
    guard let steps else { return String(decoding: Array(pieces.joined(separator: [0x20])), as: UTF8.self) }
    var pieces = pieces
    for step in steps {
      switch step {
      case .byteLevel:
        var text: [UInt8] = []
        for piece in pieces { ByteLevelAlphabet.appendBytes(of: piece, to: &text) }
        pieces = [Array(String(decoding: text, as: UTF8.self).utf8)[...]]
      case .replace(let needle, let replacement):
        guard let first = needle.first else { continue }
        pieces = pieces.map { piece in
          piece.contains(first) ? UTF8Text.replacing(needle, with: replacement, in: Array(piece))[...] : piece
        }
      case .byteFallback: pieces = Self.joiningBytes(pieces)
      case .fuse: pieces = [Array(pieces.joined())[...]]
      case .strip(let scalar, let start, let stop):
        if isWhole { pieces = pieces.map { Self.stripped($0, scalar, start, stop) } }
      case .metaspace(let replacement, let dropsFirst):
        pieces = pieces.enumerated().map { index, piece in
          let space: [UInt8] = dropsFirst && isWhole && index == 0 ? [] : [0x20]
          return UTF8Text.replacing(replacement, with: space, in: Array(piece))[...]
        }
      }
    }
    return String(decoding: Array(pieces.joined()), as: UTF8.self)
  }

  private static func joiningBytes(_ pieces: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var run: [UInt8] = []
    func endRun() {
      guard !run.isEmpty else { return }
      let isText = String(validating: run, as: UTF8.self) != nil
      result.append(isText ? run[...] : Array(repeatElement([0xef, 0xbf, 0xbd], count: run.count).joined())[...])
      run = []
    }
    for piece in pieces {
      if let byte = fallbackByte(piece) {
        run.append(byte)
      } else {
        endRun()
        result.append(piece)
      }
    }
    endRun()
    return result
  }

  private static func fallbackByte(_ piece: ArraySlice<UInt8>) -> UInt8? {
    guard piece.count == 6, piece.starts(with: "<0x".utf8), piece.last == UInt8(ascii: ">") else { return nil }
    return UInt8(String(decoding: piece.dropFirst(3).dropLast(), as: UTF8.self), radix: 16)
  }

  private static func stripped(
    _ piece: ArraySlice<UInt8>, _ scalar: [UInt8], _ start: Int, _ stop: Int
  ) -> ArraySlice<UInt8> {
    var piece = piece
    for _ in 0..<start {
      guard piece.starts(with: scalar) else { break }
      piece = piece.dropFirst(scalar.count)
    }
    for _ in 0..<stop {
      guard piece.suffix(scalar.count).elementsEqual(scalar) else { break }
      piece = piece.dropLast(scalar.count)
    }
    return piece
  }
}
