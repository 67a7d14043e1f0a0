// Blocks into HTML. Where links lead and how images are shown is not Markdown's business: whoever renders says so.

/// Renders the blocks of a note.
struct MarkdownHTML {
  /// How many levels a heading sinks, so that it fits under the headings of the page.
  var headingShift = 0

  /// Where a link leads; nil for a link that leads nowhere from here, of which only the text is shown.
  var address: (_ destination: String) -> String?

  /// The HTML of an image that is a paragraph of its own; nil for one that is not to be had.
  var figure: (_ source: String, _ alternative: String) -> String?

  /// The HTML of blocks.
  func html(_ blocks: [MarkdownBlock]) -> String {
    blocks.map(html).joined()
  }

  /// The identifier of a heading, as GitHub makes them, behind a prefix that keeps it apart from the page's own.
  static func identifier(_ heading: String) -> String {
    let kept = heading.lowercased().filter { $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_" }
    return "note-" + kept.replacing(" ", with: "-")
  }

  private func html(_ block: MarkdownBlock) -> String {
    switch block {
    case .heading(let level, let inlines):
      let tag = "h\(min(level + headingShift, 6))"
      return "<\(tag) id=\"\(HTML.escape(Self.identifier(inlines.plainText)))\">\(html(inlines))</\(tag)>\n"
    case .paragraph(let inlines): return paragraph(inlines)
    case .code(let code): return HTML.scrolling("<pre><code>\(HTML.escape(code))</code></pre>", label: "code") + "\n"
    case .quote(let blocks): return "<blockquote>\n\(html(blocks))</blockquote>\n"
    case .list(let start, let isTight, let items):
      let tag = start == nil ? "ul" : "ol"
      let number = start.map { $0 == 1 ? "" : " start=\"\($0)\"" } ?? ""
      let content = items.map { "<li>\(item($0, isTight))</li>\n" }.joined()
      return "<\(tag)\(number)>\n\(content)</\(tag)>\n"
    case .table(let table): return html(table)
    case .rule: return "<hr>\n"
    }
  }

  private func item(_ blocks: [MarkdownBlock], _ isTight: Bool) -> String {
    guard isTight else { return "\n" + html(blocks) }
    return blocks.map { block in
      if case .paragraph(let inlines) = block { html(inlines) } else { "\n" + html(block) }
    }.joined()
  }

  /// A paragraph; images that fill one by themselves are figures.
  private func paragraph(_ inlines: [MarkdownInline]) -> String {
    let images = inlines.compactMap { inline -> (source: String, alternative: String)? in
      if case .image(let source, let alternative) = inline { (source, alternative) } else { nil }
    }
    let isImagesOnly = inlines.allSatisfy { inline in
      switch inline {
      case .image: true
      case .text(let text): text.allSatisfy(\.isWhitespace)
      default: false
      }
    }
    guard isImagesOnly, !images.isEmpty else { return "<p>\(html(inlines))</p>\n" }
    return images.map { image in
      (figure(image.source, image.alternative) ?? "<p>\(HTML.escape(image.alternative))</p>") + "\n"
    }.joined()
  }

  private func html(_ table: MarkdownTable) -> String {
    func row(_ cells: [[MarkdownInline]], _ tag: String) -> String {
      let content = zip(cells, table.alignments).map { cell, alignment in
        let style = alignment == .start ? "" : " style=\"text-align:\(alignment.rawValue)\""
        return "<\(tag)\(tag == "th" ? " scope=\"col\"" : "")\(style)>\(html(cell))</\(tag)>"
      }
      return "<tr>\(content.joined())</tr>\n"
    }
    let body = table.rows.map { row($0, "td") }.joined()
    let markup = "<table>\n<thead>\n\(row(table.header, "th"))</thead>\n<tbody>\n\(body)</tbody>\n</table>"
    return HTML.scrolling(markup, label: "table") + "\n"
  }

  private func html(_ inlines: [MarkdownInline]) -> String {
    inlines.map { inline in
      switch inline {
      case .text(let text): return HTML.escape(text)
      case .code(let code): return "<code>\(HTML.escape(code))</code>"
      case .emphasis(let children): return "<em>\(html(children))</em>"
      case .strong(let children): return "<strong>\(html(children))</strong>"
      case .link(let destination, let children):
        guard let address = address(destination), HTML.isSafe(address: address) else { return html(children) }
        return "<a href=\"\(HTML.escape(address))\">\(html(children))</a>"
      case .image(_, let alternative): return HTML.escape(alternative)
      case .lineBreak: return "<br>\n"
      }
    }.joined()
  }
}
