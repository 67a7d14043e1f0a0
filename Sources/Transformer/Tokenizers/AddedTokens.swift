// Tokens that are found in the text before anything else is done to it: special tokens such as <|endoftext|>, and runs of
// spaces. They are matched from left to right, the longest first, in the raw text or (`normalized`) in the normalised one.
//
// The rules, among them that a refused match is skipped as a whole, are those of Hugging Face `tokenizers`.

/// A token that is found in the text as it stands.
struct AddedToken: Sendable {
  var id: Int32
  /// The text in UTF-8.
  var content: [UInt8]
  /// Whether it stands for no text of its own; text that spells it is parsed only when asked for.
  var isSpecial = true
  /// Whether it is looked for in the normalised text instead of the raw one.
  var isNormalized = false
  /// Whether it counts only between characters that are no part of words.
  var isSingleWord = false
  /// Whether it swallows the white space before it.
  var stripsLeft = false
  /// Whether it swallows the white space behind it.
  var stripsRight = false
}

/// Finds added tokens in a text.
struct AddedTokenMatcher: Sendable {
  /// A part of a text: a token, or a range in which there is none.
  enum Part {
    case token(Int32)
    case text(Range<Int>)
  }

  private let tokens: [AddedToken]
  /// The edges of a trie of the contents: node << 8 | byte to node; node 0 is the root.
  private var edges: [UInt32: UInt32] = [:]
  /// The token that ends at each node; -1 for none.
  private var ends: [Int] = [-1]
  /// Whether a token begins with a byte.
  private var begins = [Bool](repeating: false, count: 256)

  /// Prepares to find tokens; where two have the same content the later one counts.
  init(_ tokens: [AddedToken]) {
    self.tokens = tokens
    for (index, token) in tokens.enumerated() {
      guard let first = token.content.first else { continue }
      begins[Int(first)] = true
      var node: UInt32 = 0
      for byte in token.content {
        let edge = node << 8 | UInt32(byte)
        if let next = edges[edge] {
          node = next
        } else {
          node = UInt32(ends.count)
          ends.append(-1)
          edges[edge] = node
        }
      }
      ends[Int(node)] = index
    }
  }

  /// The parts of a text in their order; with `parsingSpecial` false, special tokens are text like any other.
  func parts(of text: UnsafeBufferPointer<UInt8>, parsingSpecial: Bool) -> [Part] {
    guard !tokens.isEmpty else { return text.isEmpty ? [] : [.text(0..<text.count)] }
    var parts: [Part] = []
    var (place, textStart) = (0, 0)
    while place < text.count {
      guard begins[Int(text[place])], let (index, length) = match(text, place) else {
        place += 1
        continue
      }
      let token = tokens[index]
      var (start, end) = (place, place + length)
      place = end
      if token.isSpecial && !parsingSpecial { continue }
      if token.isSingleWord, !isSeparate(text, start, end) { continue }
      if token.stripsLeft { start = spaceStart(text, before: start, notBefore: textStart) }
      if token.stripsRight { end = spaceEnd(text, from: end) }
      if textStart < start { parts.append(.text(textStart..<start)) }
      parts.append(.token(token.id))
      textStart = end
    }
    if textStart < text.count { parts.append(.text(textStart..<text.count)) }
    return parts
  }

  /// The longest token that begins at a place.
  private func match(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (index: Int, length: Int)? {
    var (node, place): (UInt32, Int) = (0, start)
    var longest: (index: Int, length: Int)?
    while place < text.count, let next = edges[node << 8 | UInt32(text[place])] {
      node = next
      place += 1
      if ends[Int(node)] >= 0 { longest = (ends[Int(node)], place - start) }
    }
    return longest
  }

  private func scalar(_ text: UnsafeBufferPointer<UInt8>, _ place: Int) -> Unicode.Scalar {
    Unicode.Scalar(UTF8Text.scalar(text, place).value) ?? " "
  }

  private func isSeparate(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Bool {
    if start > 0, ScalarClasses.isWord(scalar(text, UTF8Text.start(before: start, in: text))) { return false }
    return end == text.count || !ScalarClasses.isWord(scalar(text, end))
  }

  private func spaceStart(_ text: UnsafeBufferPointer<UInt8>, before end: Int, notBefore limit: Int) -> Int {
    var start = end
    while start > limit {
      let previous = UTF8Text.start(before: start, in: text)
      guard ScalarClasses.isSpace(scalar(text, previous)) else { break }
      start = previous
    }
    // White space that an earlier token has swallowed stays with it.
    return max(start, limit)
  }

  private func spaceEnd(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var end = start
    while end < text.count, ScalarClasses.isSpace(scalar(text, end)) { end += UTF8Text.length(of: text[end]) }
    return end
  }
}
