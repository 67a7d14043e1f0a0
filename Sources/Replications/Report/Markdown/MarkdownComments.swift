// Comments leave a note before anything else is read of it; those in code are code.

/// Takes the HTML comments out of Markdown.
enum MarkdownComments {
  /// The lines of a text without its comments; a comment that is not closed reaches to the end.
  static func lines(without text: String) -> [String] {
    var lines: [String] = []
    var fence: MarkdownFence?
    var isInside = false
    for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init) {
      if let open = fence {
        if open.isClosed(by: line) { fence = nil }
        lines.append(line)
      } else if !isInside, let opened = MarkdownFence(line) {
        fence = opened
        lines.append(line)
      } else if isInside, let last = lines.popLast() {
        // A comment across lines joins what stands before and after it.
        lines.append(last + visible(line, &isInside))
      } else {
        lines.append(visible(line, &isInside))
      }
    }
    return lines
  }

  private static func visible(_ line: String, _ isInside: inout Bool) -> String {
    var result = ""
    var rest = line[...]
    while !rest.isEmpty {
      if isInside {
        guard let end = rest.firstRange(of: "-->") else { return result }
        rest = rest[end.upperBound...]
        isInside = false
      } else if rest.hasPrefix("<!--") {
        isInside = true
        rest = rest.dropFirst(4)
      } else if rest.first == "`" {
        let ticks = rest.prefix { $0 == "`" }
        let code = rest.dropFirst(ticks.count).firstRange(of: ticks).map { rest[..<$0.upperBound] } ?? ticks
        result += code
        rest = rest[code.endIndex...]
      } else {
        let end = rest.dropFirst().firstIndex { $0 == "<" || $0 == "`" } ?? rest.endIndex
        result += rest[..<end]
        rest = rest[end...]
      }
    }
    return result
  }
}

/// The line that opens a block of code.
struct MarkdownFence {
  private let mark: Character
  private let count: Int

  /// Reads a line of three or more backticks or tildes; nil for any other.
  init?(_ line: String) {
    let text = line.drop { $0 == " " }
    guard let mark = text.first, mark == "`" || mark == "~" else { return nil }
    count = text.prefix { $0 == mark }.count
    guard count >= 3, line.count - text.count < 4, !text.dropFirst(count).contains("`") else { return nil }
    self.mark = mark
  }

  /// Whether a line ends the block.
  func isClosed(by line: String) -> Bool {
    let text = line.split(separator: " ").joined(separator: " ")
    return text.count >= count && text.allSatisfy { $0 == mark }
  }
}
