// Lines into blocks. The order of the questions in `next()` is CommonMark's order of precedence.

/// Reads the blocks of a note.
struct MarkdownParser {
  private var lines: ArraySlice<String>

  /// The blocks of a text, without its comments.
  static func blocks(of text: String) -> [MarkdownBlock] {
    var parser = MarkdownParser(lines: MarkdownComments.lines(without: text)[...])
    return parser.blocks()
  }

  private mutating func blocks() -> [MarkdownBlock] {
    var blocks: [MarkdownBlock] = []
    while let line = lines.first {
      if line.isBlank {
        lines.removeFirst()
      } else {
        blocks.append(next(line))
      }
    }
    return blocks
  }

  private mutating func next(_ line: String) -> MarkdownBlock {
    if let fence = MarkdownFence(line) { return fenced(fence) }
    if line.indent >= 4 { return indentedCode() }
    if let (level, text) = Self.heading(line) {
      lines.removeFirst()
      return .heading(level: level, MarkdownInlineParser.inlines(of: text))
    }
    if Self.isRule(line) {
      lines.removeFirst()
      return .rule
    }
    if line.trimmed.hasPrefix(">") { return quote() }
    if let marker = MarkdownListMarker(line) { return list(marker) }
    if let table = table() { return .table(table) }
    return paragraph()
  }

  private mutating func fenced(_ fence: MarkdownFence) -> MarkdownBlock {
    let indent = lines.removeFirst().indent
    var code: [String] = []
    while let line = lines.popFirst(), !fence.isClosed(by: line) { code.append(line.outdented(by: indent)) }
    return .code(code.map { $0 + "\n" }.joined())
  }

  private mutating func indentedCode() -> MarkdownBlock {
    var code: [String] = []
    while let line = lines.first, line.isBlank || line.indent >= 4 { code.append(lines.removeFirst().outdented(by: 4)) }
    while code.last?.isBlank == true { code.removeLast() }
    return .code(code.map { $0 + "\n" }.joined())
  }

  private mutating func quote() -> MarkdownBlock {
    var inner: [String] = []
    while let line = lines.first, line.trimmed.hasPrefix(">") || (!line.isBlank && !Self.beginsBlock(line)) {
      lines.removeFirst()
      let text = line.trimmed
      inner.append(text.hasPrefix(">") ? String(text.dropFirst().trimmingOneSpace) : line)
    }
    var parser = MarkdownParser(lines: inner[...])
    return .quote(parser.blocks())
  }

  private mutating func list(_ first: MarkdownListMarker) -> MarkdownBlock {
    var items: [[MarkdownBlock]] = []
    var isTight = true
    while let line = lines.first, let marker = MarkdownListMarker(line), marker.kind == first.kind, !Self.isRule(line) {
      lines.removeFirst()
      var inner = [marker.rest]
      var blanks = 0
      while let line = lines.first {
        if line.isBlank {
          blanks += 1
        } else if line.indent >= marker.width || (blanks == 0 && !Self.endsItem(line)) {
          inner += Array(repeating: "", count: blanks) + [line.outdented(by: marker.width)]
          blanks = 0
        } else {
          break
        }
        lines.removeFirst()
      }
      var parser = MarkdownParser(lines: inner[...])
      let blocks = parser.blocks()
      let goesOn = lines.first.flatMap(MarkdownListMarker.init)?.kind == first.kind
      let paragraphs = blocks.count { if case .paragraph = $0 { true } else { false } }
      if (blanks > 0 && goesOn) || paragraphs > 1 { isTight = false }
      items.append(blocks)
    }
    return .list(start: first.number, isTight: isTight, items: items)
  }

  private mutating func table() -> MarkdownTable? {
    guard let first = lines.first, first.contains("|"), let second = lines.dropFirst().first,
      let alignments = Self.alignments(second)
    else { return nil }
    let header = Self.cells(first)
    guard header.count == alignments.count else { return nil }
    lines.removeFirst(2)
    var rows: [[[MarkdownInline]]] = []
    while let line = lines.first, !line.isBlank, line.contains("|") {
      lines.removeFirst()
      let cells = Self.cells(line).prefix(header.count)
      let missing = Array(repeating: "", count: header.count - cells.count)
      rows.append((cells + missing).map(MarkdownInlineParser.inlines))
    }
    return MarkdownTable(alignments: alignments, header: header.map(MarkdownInlineParser.inlines), rows: rows)
  }

  private mutating func paragraph() -> MarkdownBlock {
    var text: [String] = [lines.removeFirst()]
    while let line = lines.first, !line.isBlank, !Self.beginsBlock(line) { text.append(lines.removeFirst()) }
    // Two spaces before the end of a line mean a break, so only what stands before a line is taken away.
    let joined = text.map { String($0.drop { $0 == " " }) }.joined(separator: "\n")
    return .paragraph(MarkdownInlineParser.inlines(of: joined.trimmed))
  }

  /// Whether a line ends the paragraph before it.
  private static func beginsBlock(_ line: String) -> Bool {
    guard line.indent < 4 else { return false }
    let marker = MarkdownListMarker(line)
    return MarkdownFence(line) != nil || heading(line) != nil || isRule(line) || line.trimmed.hasPrefix(">")
      || (marker.map { !$0.rest.isBlank && ($0.number ?? 1) == 1 } ?? false)
  }

  /// Whether a line that is not indented ends the item before it; an item of any number does.
  private static func endsItem(_ line: String) -> Bool {
    beginsBlock(line) || MarkdownListMarker(line) != nil
  }

  private static func heading(_ line: String) -> (level: Int, text: String)? {
    let text = line.trimmed
    let level = text.prefix { $0 == "#" }.count
    let rest = text.dropFirst(level)
    guard (1...6).contains(level), rest.isEmpty || rest.first == " " else { return nil }
    return (level, String(rest).trimmed)
  }

  private static func isRule(_ line: String) -> Bool {
    let marks = line.filter { $0 != " " }
    guard let mark = marks.first, "*-_".contains(mark) else { return false }
    return marks.count >= 3 && marks.allSatisfy { $0 == mark }
  }

  private static func alignments(_ line: String) -> [MarkdownTable.Alignment]? {
    let cells = cells(line)
    guard line.contains("-"), cells.allSatisfy({ $0.wholeMatch(of: /:?-+:?/) != nil }) else { return nil }
    return cells.map { cell in
      switch (cell.hasPrefix(":"), cell.hasSuffix(":")) {
      case (true, true): .center
      case (false, true): .end
      default: .start
      }
    }
  }

  /// The cells of a row; a bar after a backslash belongs to its cell.
  private static func cells(_ line: String) -> [String] {
    var cells = [""]
    var isEscaped = false
    for character in line.trimmed {
      if isEscaped {
        cells[cells.count - 1] += character == "|" ? "|" : "\\\(character)"
        isEscaped = false
      } else if character == "\\" {
        isEscaped = true
      } else if character == "|" {
        cells.append("")
      } else {
        cells[cells.count - 1].append(character)
      }
    }
    if isEscaped { cells[cells.count - 1] += "\\" }
    if cells.count > 1, cells.first?.isBlank == true { cells.removeFirst() }
    if cells.count > 1, cells.last?.isBlank == true { cells.removeLast() }
    return cells.map(\.trimmed)
  }
}

/// What begins an item of a list.
struct MarkdownListMarker {
  /// The bullet, or the mark after the number: items with another belong to another list.
  let kind: Character
  /// The number of an ordered item.
  let number: Int?
  /// How far the text of the item is indented.
  let width: Int
  /// The first line of the text.
  let rest: String

  init?(_ line: String) {
    let indent = line.indent
    let text = line.dropFirst(indent)
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard indent < 4, digits.count < 10, let mark = text.dropFirst(digits.count).first else { return nil }
    guard digits.isEmpty ? "-*+".contains(mark) : ".)".contains(mark) else { return nil }
    let after = text.dropFirst(digits.count + 1)
    let spaces = after.prefix { $0 == " " }.count
    guard after.isEmpty || spaces > 0 else { return nil }
    kind = mark
    number = Int(digits)
    width = indent + digits.count + 1 + ((1...4).contains(spaces) ? spaces : 1)
    rest = String(after.dropFirst(width - indent - digits.count - 1))
  }
}

extension String {
  fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }
  fileprivate var indent: Int { prefix { $0 == " " }.count }
  fileprivate var trimmed: String {
    let start = drop(while: \.isWhitespace)
    return String(start.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// The line without up to so many leading spaces.
  fileprivate func outdented(by count: Int) -> String { String(dropFirst(Swift.min(indent, count))) }
}

extension Substring {
  fileprivate var trimmingOneSpace: Substring { first == " " ? dropFirst() : self }
}
