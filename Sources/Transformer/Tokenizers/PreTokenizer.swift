// Cuts a normalised text into words, within which byte pairs are merged.

/// A sequence of ways to cut a text.
struct PreTokenizer: Sendable {
  /// Where a separator goes that stands between two words.
  enum Behavior: String, Sendable {
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
  }

  /// Which texts get a ▁ in front.
  enum PrependScheme: String, Sendable {
    case always, first, never
  }

  /// One way to cut.
  enum Step: Sendable {
    /// At the words of a known pattern.
    case pattern(SplitPattern)
    /// At each occurrence of a string.
    case separator([UInt8], Behavior)
    /// Puts a space before each word that has none.
    case prefixSpace
    /// Spaces become ▁, one stands in front, and words begin at each if asked for.
    case metaspace([UInt8], PrependScheme, splits: Bool)
  }

  var steps: [Step] = []

  /// A text and the place behind each of its words.
  struct Words {
    var bytes: [UInt8]
    var ends: [Int]
  }

  /// The words of a text; `isFirst` tells that it begins where the whole text begins.
  func words(_ text: [UInt8], isFirst: Bool) -> Words {
    var words = Words(bytes: text, ends: text.isEmpty ? [] : [text.count])
    for step in steps {
      switch step {
      case .pattern(let pattern): words.cut { pattern.appendEnds($0, $1, to: &$2) }
      case .separator(let separator, let behavior):
        words.cut { Self.appendEnds($0, $1, separator, behavior, to: &$2) }
      case .prefixSpace:
        words.rewrite { word, _ in word.first == UInt8(ascii: " ") ? Array(word) : [UInt8(ascii: " ")] + word }
      case .metaspace(let replacement, let scheme, let splits):
        words.rewrite { word, index in
          let text = UTF8Text.replacing([UInt8(ascii: " ")], with: replacement, in: Array(word))
          let isWanted = scheme == .always || (scheme == .first && isFirst && index == 0)
          return isWanted && !text.starts(with: replacement) ? replacement + text : text
        }
        if splits { words.cut { Self.appendEnds($0, $1, replacement, .mergedWithNext, to: &$2) } }
      }
    }
    return words
  }

  private static func appendEnds(
    _ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ separator: [UInt8], _ behavior: Behavior,
    to ends: inout [Int]
  ) {
    var (start, place) = (range.lowerBound, range.lowerBound)
    func end(_ end: Int) {
      if end > start { ends.append(end) }
      start = end
    }
    while place + separator.count <= range.upperBound {
      guard UTF8Text.hasPrefix(separator, at: place, in: bytes) else {
        place += 1
        continue
      }
      if behavior != .mergedWithPrevious { end(place) }
      place += separator.count
      if behavior != .mergedWithNext { end(place) }
    }
    end(range.upperBound)
  }
}

extension PreTokenizer.Words {
  /// Cuts each word by a function that appends the ends of its parts.
  fileprivate mutating func cut(_ appendEnds: (UnsafeBufferPointer<UInt8>, Range<Int>, inout [Int]) -> Void) {
    var cut: [Int] = []
    bytes.withUnsafeBufferPointer { bytes in
      var start = 0
      for end in ends {
        appendEnds(bytes, start..<end, &cut)
        start = end
      }
    }
    ends = cut
  }

  /// Replaces each word by a function of it and its number; an empty result removes it.
  fileprivate mutating func rewrite(_ change: (ArraySlice<UInt8>, Int) -> [UInt8]) {
    var result = PreTokenizer.Words(bytes: [], ends: [])
    var start = 0
    for (index, end) in ends.enumerated() {
      let word = change(bytes[start..<end], index)
      start = end
      guard !word.isEmpty else { continue }
      result.bytes.append(contentsOf: word)
      result.ends.append(result.bytes.count)
    }
    self = result
  }
}
