/// Breaks text into lines that fit a width.
enum TextWrapping {
  /// The lines of `text` at `size` pixels, none wider than `width` unless a single character is.
  ///
  /// Lines break at white space and at every newline; a word wider than a line breaks after a dot, hyphen, slash or
  /// underscore, as identifiers have them, and between characters where there is none.
  static func lines(_ text: String, width: Double, size: Double, bold: Bool = false) -> [String] {
    guard !text.isEmpty else { return [] }
    return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
      wrap(paragraph, width: width) { TextMetrics.width($0, size: size, bold: bold) }
    }
  }

  private static func wrap(_ paragraph: Substring, width: Double, measure: (String) -> Double) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in paragraph.split(whereSeparator: \.isWhitespace) {
      let candidate = line.isEmpty ? String(word) : line + " " + word
      if measure(candidate) <= width {
        line = candidate
        continue
      }
      if !line.isEmpty { lines.append(line) }
      line = ""
      for character in word {
        while !line.isEmpty && measure(line + String(character)) > width {
          let rest = line.lastIndex(where: ".-/_".contains).map { line[line.index(after: $0)...] } ?? ""
          lines.append(String(line.dropLast(rest.count)))
          line = String(rest)
        }
        line.append(character)
      }
    }
    if !line.isEmpty || lines.isEmpty { lines.append(line) }
    return lines
  }
}
