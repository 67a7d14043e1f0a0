// As much of HTML as shows that nothing broke out of its place: tags that nest, attributes between quotation marks.

private let voidElements: Set<String> = ["meta", "link", "br", "hr", "input", "img"]

/// What is wrong with the tags of a page; empty if all is well.
func tagProblems(in html: String) -> [String] {
  var problems: [String] = []
  var open: [String] = []
  var rest = html[...]
  while let start = rest.firstIndex(of: "<") {
    rest = rest[start...]
    guard let match = rest.prefixMatch(of: /<(\/?)([a-z][a-z0-9]*)((?: [a-zA-Z0-9-]+(?:="[^"<>]*")?)*)(\/?)>/) else {
      if let declaration = rest.prefixMatch(of: /<!DOCTYPE html>/) {
        rest = rest[declaration.range.upperBound...]
        continue
      }
      return problems + ["not a tag: \(rest.prefix(60))"]
    }
    let name = String(match.output.2)
    rest = rest[match.range.upperBound...]
    if !match.output.1.isEmpty {
      if open.popLast() != name { problems.append("</\(name)> closes nothing") }
    } else if match.output.4.isEmpty, !voidElements.contains(name) {
      open.append(name)
      if name == "script" || name == "style" {
        guard let end = rest.firstRange(of: "</\(name)>") else { return problems + ["<\(name)> is not closed"] }
        rest = rest[end.lowerBound...]
      }
    }
  }
  return problems + open.map { "<\($0)> is not closed" }
}
