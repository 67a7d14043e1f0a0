// The classes of Unicode scalars that the patterns of tokenizers distinguish.
//
// General categories are those of the Swift standard library (Unicode 17). Hugging Face's engine of the same patterns knew
// Unicode 16 when this was compared: they differ on no scalar that Unicode 16 assigns, but for the case of U+0295.

/// Sets of scalar classes as bits, and the classes of each scalar.
enum ScalarClasses {
  /// `\p{L}`
  static let letter: UInt8 = 1
  /// `\p{N}`
  static let number: UInt8 = 2
  /// `\s`
  static let space: UInt8 = 4
  /// `[\r\n]`
  static let lineEnd: UInt8 = 8
  /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
  static let upper: UInt8 = 16
  /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
  static let lower: UInt8 = 32
  /// What `[^\s\p{L}\p{N}]` excludes.
  static let wordOrSpace: UInt8 = 7

  /// The classes of the scalars below U+10000; the others are rare enough to be asked for one by one.
  private static let basicPlane: [UInt8] = (0..<0x10000).map { properties(of: $0) }

  private static func properties(of value: UInt32) -> UInt8 {
    guard let scalar = Unicode.Scalar(value) else { return 0 }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .titlecaseLetter: return letter | upper
    case .lowercaseLetter: return letter | lower
    case .modifierLetter, .otherLetter: return letter | upper | lower
    case .nonspacingMark, .spacingMark, .enclosingMark: return upper | lower
    case .decimalNumber, .letterNumber, .otherNumber: return number
    default:
      if value == 0x0a || value == 0x0d { return space | lineEnd }
      return scalar.properties.isWhitespace ? space : 0
    }
  }

  /// Whether a scalar is white space, `\s`.
  static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

  /// Whether a scalar is a part of words, `\w`: alphabetic, marks, digits, connectors and joiners.
  static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    if properties.isAlphabetic || properties.isJoinControl { return true }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
    default: return false
    }
  }

  /// Appends the classes of each scalar of a text in valid UTF-8, and the place where each begins.
  static func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, classes: inout [UInt8], starts: inout [Int]
  ) {
    basicPlane.withUnsafeBufferPointer { table in
      var place = range.lowerBound
      while place < range.upperBound {
        starts.append(place)
        let (value, length) = UTF8Text.scalar(bytes, place)
        classes.append(value < 0x10000 ? table[Int(value)] : properties(of: value))
        place += length
      }
    }
  }
}
