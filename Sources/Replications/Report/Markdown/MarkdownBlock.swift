// A note as a tree: the part of CommonMark and of GitHub's tables that notes are written in. What a note does not use,
// raw HTML above all, stays text.

/// A block of a note.
indirect enum MarkdownBlock: Sendable, Hashable {
  case heading(level: Int, [MarkdownInline])
  case paragraph([MarkdownInline])
  case code(String)
  case quote([MarkdownBlock])
  /// A list; `start` is the first number of an ordered one. The items of a tight list are not paragraphs.
  case list(start: Int?, isTight: Bool, items: [[MarkdownBlock]])
  case table(MarkdownTable)
  case rule
}

/// A table of a note.
struct MarkdownTable: Sendable, Hashable {
  /// How the cells of a column stand.
  enum Alignment: String, Sendable {
    case start, center, end
  }

  let alignments: [Alignment]
  let header: [[MarkdownInline]]
  let rows: [[[MarkdownInline]]]
}

/// A stretch of a line.
indirect enum MarkdownInline: Sendable, Hashable {
  case text(String)
  case code(String)
  case emphasis([MarkdownInline])
  case strong([MarkdownInline])
  case link(destination: String, [MarkdownInline])
  case image(source: String, alternative: String)
  case lineBreak
}

extension [MarkdownInline] {
  /// The letters alone.
  var plainText: String {
    map { inline in
      switch inline {
      case .text(let text), .code(let text): text
      case .emphasis(let children), .strong(let children), .link(_, let children): children.plainText
      case .image(_, let alternative): alternative
      case .lineBreak: " "
      }
    }.joined()
  }
}
