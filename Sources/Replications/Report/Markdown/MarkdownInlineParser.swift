// Within a paragraph: code, emphasis, links, images, escapes. What does not close is text.

/// Reads the inlines of a paragraph, a heading or a cell.
struct MarkdownInlineParser {
  private let text: [Character]
  private var position = 0
  private var result: [MarkdownInline] = []
  private var plain = ""

  /// The inlines of a text whose lines are joined by newlines.
  static func inlines(of text: String) -> [MarkdownInline] {
    var parser = MarkdownInlineParser(text: Array(text))
    return parser.parsed()
  }

  private init(text: [Character]) { self.text = text }

  private mutating func parsed() -> [MarkdownInline] {
    while position < text.count {
      let start = position
      if let inline = special() {
        flush()
        result.append(inline)
      } else if position == start {
        plain.append(text[position])
        position += 1
      }
    }
    flush()
    return result
  }

  private mutating func flush() {
    if !plain.isEmpty { result.append(.text(plain)) }
    plain = ""
  }

  /// The inline that begins here; nil, with the position moved if it was something that becomes plain text.
  private mutating func special() -> MarkdownInline? {
    switch text[position] {
    case "\\": return escape()
    case "`": return code()
    case "!" where character(1) == "[":
      guard let (label, destination, end) = link(from: position + 1) else { return nil }
      position = end
      return .image(source: destination, alternative: Self.inlines(of: label).plainText)
    case "[":
      guard let (label, destination, end) = link(from: position) else { return nil }
      position = end
      return .link(destination: destination, Self.inlines(of: label))
    case "<": return autolink()
    case "*", "_": return emphasis()
    case "&":
      entity()
      return nil
    case "\n":
      let isBreak = plain.hasSuffix("  ")
      while plain.last == " " { plain.removeLast() }
      guard isBreak else { return nil }
      position += 1
      return .lineBreak
    default: return nil
    }
  }

  private func character(_ offset: Int) -> Character? {
    let index = position + offset
    return text.indices.contains(index) ? text[index] : nil
  }

  private mutating func escape() -> MarkdownInline? {
    guard let next = character(1), next.isASCII, next.isPunctuation || next.isSymbol || next == "\n" else { return nil }
    position += 2
    if next == "\n" { return .lineBreak }
    plain.append(next)
    return nil
  }

  /// The number of equal characters from an index on.
  private func run(at index: Int) -> Int {
    var end = index
    while end < text.count, text[end] == text[index] { end += 1 }
    return end - index
  }

  /// The start of the next run of just so many backticks.
  private func closingTicks(_ count: Int, from index: Int) -> Int? {
    var index = index
    while index < text.count {
      guard text[index] == "`" else {
        index += 1
        continue
      }
      let length = run(at: index)
      if length == count { return index }
      index += length
    }
    return nil
  }

  private mutating func code() -> MarkdownInline? {
    let count = run(at: position)
    guard let end = closingTicks(count, from: position + count) else {
      plain += String(repeating: "`", count: count)
      position += count
      return nil
    }
    var code = String(text[(position + count)..<end]).replacing("\n", with: " ")
    if code.hasPrefix(" "), code.hasSuffix(" "), code.contains(where: { $0 != " " }) {
      code = String(code.dropFirst().dropLast())
    }
    position = end + count
    return .code(code)
  }

  /// A bracketed label with a destination in parentheses after it, and where it ends.
  private func link(from start: Int) -> (label: String, destination: String, end: Int)? {
    guard let close = bracketEnd(from: start), text.indices.contains(close + 1), text[close + 1] == "(" else {
      return nil
    }
    var depth = 0
    var index = close + 1
    while index < text.count {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" { depth -= 1 }
      if depth == 0 { break }
      index += 1
    }
    guard index < text.count else { return nil }
    // A title after the destination is not shown.
    let destination = String(text[(close + 2)..<index]).split(whereSeparator: \.isWhitespace).first ?? ""
    let isBracketed = destination.hasPrefix("<") && destination.hasSuffix(">")
    return (
      String(text[(start + 1)..<close]), String(isBracketed ? destination.dropFirst().dropLast() : destination),
      index + 1
    )
  }

  private func bracketEnd(from start: Int) -> Int? {
    var depth = 0
    var index = start
    while index < text.count {
      switch text[index] {
      case "\\": index += 1
      case "`":
        let count = run(at: index)
        index = (closingTicks(count, from: index + count) ?? index) + count - 1
      case "[": depth += 1
      case "]":
        depth -= 1
        if depth == 0 { return index }
      default: break
      }
      index += 1
    }
    return nil
  }

  private mutating func autolink() -> MarkdownInline? {
    guard let end = text[position...].firstIndex(of: ">") else { return nil }
    let address = String(text[(position + 1)..<end])
    guard address.wholeMatch(of: /https?:\/\/[^\s<]+/) != nil else { return nil }
    position = end + 1
    return .link(destination: address, [.text(address)])
  }

  private mutating func emphasis() -> MarkdownInline? {
    let mark = text[position]
    let count = run(at: position)
    let before = position > 0 ? text[position - 1] : " "
    guard count <= 3, let after = character(count), !after.isWhitespace, mark == "*" || !before.isWordCharacter,
      let end = emphasisEnd(mark, count)
    else {
      plain += String(repeating: mark, count: count)
      position += count
      return nil
    }
    let inner = Self.inlines(of: String(text[(position + count)..<end]))
    position = end + count
    switch count {
    case 1: return .emphasis(inner)
    case 2: return .strong(inner)
    default: return .emphasis([.strong(inner)])
    }
  }

  /// Where the run of marks stands that closes the one here; marks in code do not count.
  private func emphasisEnd(_ mark: Character, _ count: Int) -> Int? {
    var index = position + count
    while index < text.count {
      if text[index] == "\\" {
        index += 2
      } else if text[index] == "`" {
        let length = run(at: index)
        index = (closingTicks(length, from: index + length) ?? index) + length
      } else if text[index] == mark {
        let length = run(at: index)
        let after = index + length < text.count ? text[index + length] : " "
        let closes = !text[index - 1].isWhitespace && (mark == "*" || !after.isWordCharacter)
        if length == count, closes { return index }
        index += length
      } else {
        index += 1
      }
    }
    return nil
  }

  private static let entities: [String: Character] = [
    "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": "\u{a0}",
  ]

  /// Takes in a character reference such as `&lt;` or `&#39;`.
  private mutating func entity() {
    guard let end = text[position...].prefix(10).firstIndex(of: ";") else { return }
    let name = String(text[(position + 1)..<end])
    let code: Int? =
      name.hasPrefix("#x") ? Int(name.dropFirst(2), radix: 16) : name.hasPrefix("#") ? Int(name.dropFirst()) : nil
    let scalar = code.flatMap(UInt32.init(exactly:)).flatMap(Unicode.Scalar.init).map(Character.init)
    guard let character = Self.entities[name] ?? scalar else { return }
    plain.append(character)
    position = end + 1
  }
}

extension Character {
  fileprivate var isWordCharacter: Bool { isLetter || isNumber || self == "_" }
}
