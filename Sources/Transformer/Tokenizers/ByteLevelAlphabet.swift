// The printable stand-ins of bytes in the files of byte-level tokenizers: a space is Ġ, a newline is Ċ.
//
// 188 bytes that print in Latin-1 stand for themselves, the other 68 are U+0100, U+0101… in their order. Source: GPT-2's
// released encoder (`bytes_to_unicode`).

/// The alphabet of byte-level pieces.
enum ByteLevelAlphabet {
  /// The UTF-8 bytes of the stand-in of each byte.
  static let standIns: [[UInt8]] = scalars.map { Array(String($0).utf8) }

  private static let scalars: [Unicode.Scalar] = {
    var others: UInt8 = 0
    return (UInt8.min...UInt8.max).map { byte in
      switch byte {
      case 0x21...0x7e, 0xa1...0xac, 0xae...0xff: return Unicode.Scalar(byte)
      default:
        defer { others += 1 }
        return Unicode.Scalar(0x100 + UInt16(others)) ?? " "
      }
    }
  }()

  /// The byte of each stand-in below U+0144; -1 for scalars that are none.
  private static let bytes: [Int16] = {
    var bytes = [Int16](repeating: -1, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar.value)] = Int16(byte) }
    return bytes
  }()

  /// Appends the bytes that a piece stands for: itself, when one of its scalars is no stand-in.
  static func appendBytes(of piece: ArraySlice<UInt8>, to text: inout [UInt8]) {
    let start = text.count
    let isSpelled = piece.withUnsafeBufferPointer { piece in
      var place = 0
      while place < piece.count {
        let (value, length) = UTF8Text.scalar(piece, place)
        guard value < 0x144, bytes[Int(value)] >= 0 else { return false }
        text.append(UInt8(truncatingIfNeeded: bytes[Int(value)]))
        place += length
      }
      return true
    }
    if !isSpelled {
      text.removeSubrange(start...)
      text.append(contentsOf: piece)
    }
  }
}
