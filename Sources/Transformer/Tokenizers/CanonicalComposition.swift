// Unicode normalization form C, in linear time.
//
// Foundation's own form takes time that grows with the square of the text on Linux, so the text is composed in parts of a
// few hundred scalars, cut where no composition can reach across: before a scalar that is a starter and never the second
// of a composed pair. Source: Unicode Standard Annex #15.

import Foundation

/// Canonical composition of texts in UTF-8.
enum CanonicalComposition {
  /// A part is cut at the first possible place behind this many bytes.
  private static let partLength = 512

  /// A part with more bytes has hundreds of marks in a row, and is composed by the letter of the standard.
  private static let longPart = 2048

  /// The text in normalization form C.
  static func composed(_ text: [UInt8]) -> [UInt8] {
    // Below U+0300 (bytes CC 80) everything is composed already.
    guard text.contains(where: { $0 >= 0xcc }) else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    text.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        let end = partEnd(bytes, start)
        let part = bytes[start..<end]
        if part.count > longPart {
          var composition = LongComposition()
          result.append(contentsOf: composition.composed(String(decoding: part, as: UTF8.self)).utf8)
        } else if part.contains(where: { $0 >= 0xcc }) {
          result.append(contentsOf: String(decoding: part, as: UTF8.self).precomposedStringWithCanonicalMapping.utf8)
        } else {
          result.append(contentsOf: part)
        }
        start = end
      }
    }
    return result
  }

  private static func partEnd(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
    var place = min(start + partLength, bytes.count)
    while place < bytes.count {
      // A continuation byte is no place to cut.
      if bytes[place] & 0xc0 != 0x80, isBoundary(UTF8Text.scalar(bytes, place).value) { break }
      place += 1
    }
    return place
  }

  /// Whether nothing before a scalar can change with it.
  static func isBoundary(_ value: UInt32) -> Bool {
    if value < 0x300 { return true }
    guard let scalar = Unicode.Scalar(value) else { return false }
    return scalar.properties.canonicalCombiningClass == .notReordered && !isSecondOfPair(value)
  }

  /// Whether a starter can be composed with what stands before it: Hangul vowels and finals, and vowel signs.
  private static func isSecondOfPair(_ value: UInt32) -> Bool {
    switch value {
    case 0x1161...0x1175, 0x11a8...0x11c2: true
    default: vowelSigns.contains(value)
    }
  }

  private static let vowelSigns: Set<UInt32> = [
    0x09be, 0x09d7, 0x0b3e, 0x0b56, 0x0b57, 0x0bbe, 0x0bd7, 0x0cc2, 0x0cd5, 0x0cd6, 0x0d3e, 0x0d57,
    0x0dcf, 0x0ddf, 0x0fb5, 0x0fb7, 0x102e, 0x1b35, 0x11127, 0x1133e, 0x11357, 0x113b8, 0x113bb, 0x113c2,
    0x113c9, 0x114b0, 0x114ba, 0x114bd, 0x115af, 0x11930, 0x1611e, 0x1611f, 0x16120, 0x16129, 0x16d67,
  ]
}

/// Composes one long run of marks: Foundation decomposes single scalars and composes single pairs, each once.
private struct LongComposition {
  private var decompositions: [UInt32: [Unicode.Scalar]] = [:]
  private var compositions: [UInt64: Unicode.Scalar?] = [:]

  mutating func composed(_ text: String) -> String {
    var marks: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars { marks.append(contentsOf: decomposed(scalar)) }
    reorder(&marks)
    return compose(marks)
  }

  private func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 { scalar.properties.canonicalCombiningClass.rawValue }

  private mutating func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
    if let known = decompositions[scalar.value] { return known }
    let result = Array(String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars)
    decompositions[scalar.value] = result
    return result
  }

  /// Sorts each run of marks by combining class; marks of one class keep their order.
  private func reorder(_ scalars: inout [Unicode.Scalar]) {
    var start = 0
    while start < scalars.count {
      var end = start + 1
      if combiningClass(scalars[start]) != 0 {
        while end < scalars.count, combiningClass(scalars[end]) != 0 { end += 1 }
        let run = scalars[start..<end].enumerated().map { (combiningClass($1), $0, $1) }
        scalars.replaceSubrange(start..<end, with: run.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2))
      }
      start = end
    }
  }

  /// Joins each scalar with the last starter before it, unless a scalar of its class or higher stands between.
  private mutating func compose(_ scalars: [Unicode.Scalar]) -> String {
    var result: [Unicode.Scalar] = []
    var starter: Int?
    var blocking: UInt8?
    for scalar in scalars {
      let rank = combiningClass(scalar)
      if let starter, blocking.map({ $0 < rank }) ?? true, let pair = composition(result[starter], scalar) {
        result[starter] = pair
        continue
      }
      if rank == 0 {
        (starter, blocking) = (result.count, nil)
      } else {
        blocking = rank
      }
      result.append(scalar)
    }
    var text = String.UnicodeScalarView()
    text.append(contentsOf: result)
    return String(text)
  }

  private mutating func composition(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Unicode.Scalar? {
    let key = UInt64(left.value) << 32 | UInt64(right.value)
    if let known = compositions[key] { return known }
    var pair = String.UnicodeScalarView()
    pair.append(contentsOf: [left, right])
    let composed = Array(String(pair).precomposedStringWithCanonicalMapping.unicodeScalars)
    let result = composed.count == 1 ? composed[0] : nil
    compositions[key] = .some(result)
    return result
  }
}
