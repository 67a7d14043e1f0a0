// The form of a note: a report with its sections, nothing said twice, and measured numbers quoted rather than typed.

import Foundation

extension Note {
  /// The sections of every note; a heading may go on, as "Conclusion and future work" and "Results: GPT-2 small" do.
  static let sections = ["Introduction", "Methods", "Results", "Discussion", "Conclusion", "References"]

  /// The shortest paragraph that is not said twice, in characters.
  private static let longestRepeat = 100

  /// Sections that are missing or there twice, and paragraphs that are.
  func formProblems() -> [FileProblem] {
    let lines = lines(showing: true)
    let headings = lines.enumerated().filter { $0.element.hasPrefix("## ") }
      .map { (line: $0.offset + 1, text: $0.element.dropFirst(3)) }
    var problems: [FileProblem] = []
    for section in Self.sections {
      let isThere = headings.contains { heading in
        heading.text.hasPrefix(section) && heading.text.dropFirst(section.count).first?.isLetter != true
      }
      if !isThere { problems.append(FileProblem(file: name, message: "has no section '\(section)'")) }
    }
    for (index, heading) in headings.enumerated() where headings[..<index].contains(where: { $0.text == heading.text })
    {
      problems.append(FileProblem(file: name, line: heading.line, message: "is a second section '\(heading.text)'"))
    }
    var seen: [String: Int] = [:]
    for paragraph in Self.paragraphs(lines) where paragraph.text.count >= Self.longestRepeat {
      if let first = seen[paragraph.text] {
        let message = "says what line \(first) says, word for word: '\(paragraph.text.prefix(60))…'"
        problems.append(FileProblem(file: name, line: paragraph.line, message: message))
      } else {
        seen[paragraph.text] = paragraph.line
      }
    }
    return problems
  }

  /// Decimal numbers in the prose of results and discussion that stand in no place, with their lines.
  ///
  /// Not code, addresses, tables and formulas, nor the numbers of sections, figures and versions; what is left may be a
  /// number of the paper or of the method, and is for a person to judge.
  func typedNumbers() -> [FileProblem] {
    var isMeasured = false
    var found: [FileProblem] = []
    for (index, line) in lines(showing: false).enumerated() {
      if line.hasPrefix("## ") { isMeasured = line.hasPrefix("## Results") || line.hasPrefix("## Discussion") }
      guard isMeasured, !line.hasPrefix("|"), !line.hasPrefix("#") else { continue }
      let prose = line.replacing(/`[^`]*`|\]\([^)]*\)|\$[^$]*\$/, with: "")
      for match in prose.matches(of: /(^|[^\w.])([0-9]+\.[0-9]+)\b(?!\.[0-9])/) {
        let before = prose[..<match.output.2.startIndex].lowercased()
        let isPlace =
          before.firstMatch(of: /(sections?|figures?|tables?|appendix|equations?|version|lemma|theorem|§)\s*$/) != nil
        guard !isPlace else { continue }
        found.append(FileProblem(file: name, line: index + 1, message: "types \(match.output.2) outside a place"))
      }
    }
    return found
  }

  /// The lines of the note as in its file, without fenced code and the blocks that are filled in; quoted numbers are
  /// shown, or left out.
  private func lines(showing areNumbersShown: Bool) -> [String] {
    var text = ""
    for piece in pieces {
      switch piece {
      case .prose(let prose): text += prose
      case .place(let place):
        let shown = place.directive.isInline && areNumbersShown ? place.content.filter { $0 != "\n" } : "…"
        let newlines = (place.words + place.content).count { $0 == "\n" }
        text += (place.directive.isInline ? String(shown) : "") + String(repeating: "\n", count: newlines)
      }
    }
    var isCode = false
    return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let isFence = line.hasPrefix("```")
      defer { if isFence { isCode.toggle() } }
      return isFence || isCode ? "" : String(line)
    }
  }

  /// Runs of lines between empty ones, with the line at which each begins and single spaces between words.
  private static func paragraphs(_ lines: [String]) -> [(line: Int, text: String)] {
    var paragraphs: [(line: Int, text: String)] = []
    var isOpen = false
    for (index, line) in lines.enumerated() {
      let words = line.split(separator: " ").joined(separator: " ")
      if words.isEmpty {
        isOpen = false
      } else if isOpen, let last = paragraphs.popLast() {
        paragraphs.append((last.line, "\(last.text) \(words)"))
      } else {
        paragraphs.append((index + 1, words))
        isOpen = true
      }
    }
    return paragraphs
  }
}
