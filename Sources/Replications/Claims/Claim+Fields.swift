// The fields of a paper and of a claim in `claims.yaml`, and what each may hold.

import Foundation

extension Paper {
  /// Reads a paper, which must carry the name of its folder; problems are left in the reader.
  init?(reading fields: inout FieldReader, folder: String) {
    let key = fields.text("key")
    let title = fields.text("title")
    let authors = fields.texts("authors", isRequired: true)
    let year = fields.integer("year", in: 1800...2200)
    let url = fields.text("url")
    fields.finish()

    if let key, key != folder {
      fields.report("must be the name of the paper's folder, \(folder), found \(key)", at: "key")
    }
    if let url, !Self.isWebAddress(url) {
      fields.report("must be an http or https address, found \(url)", at: "url")
    }
    guard fields.problems.isEmpty, let key, let title, let authors, let year, let url else { return nil }
    self.init(key: key, title: title, authors: authors, year: year, url: url)
  }

  private static func isWebAddress(_ text: String) -> Bool {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme, let host = parts.host else {
      return false
    }
    return ["http", "https"].contains(scheme) && host.contains(".") && !text.contains(where: \.isWhitespace)
  }
}

extension Claim {
  /// Reads a claim; problems are left in the reader.
  init?(reading fields: inout FieldReader, paper: String) {
    let id = fields.text("id")
    let version = fields.integer("version", in: 1...10_000)
    let finding = fields.text("finding")
    let statement = fields.text("statement")
    let source = fields.text("source")
    let choices = fields.optionalText("choices")
    let metric = fields.text("metric")
    let unit = fields.text("unit")
    let criterion = Criterion(reading: &fields)
    let comparison: Comparison? = fields.choice("comparison")
    let rationale = fields.text("rationale")
    let control = fields.text("control")
    let expectation: Expectation? = fields.choice("expectation", default: .reproduces)
    let note = fields.optionalText("note")
    let needs = fields.texts("needs", isRequired: false)
    let tier: Tier? = fields.choice("tier")
    let seeds = fields.integer("seeds", in: (criterion?.kind.isDeterministic ?? true ? 1 : 2)...1000)
    fields.finish()

    if let id, !Self.isWellFormed(id: id) {
      fields.report(
        "must be lower-case words joined by dots, such as superposition.pentagon.gaps; found \(id)", at: "id")
    }
    if let finding, !finding.isTypeName {
      fields.report("must be the name of a Swift type, such as Superposition; found \(finding)", at: "finding")
    }
    if let expectation, expectation != .reproduces, note == nil {
      fields.report("is missing: an expectation of \(expectation.rawValue) needs one", at: "note")
    }
    if let seeds, case .ordering(let chance) = criterion, seeds < Judge.leastSeeds(chance: chance) {
      let least = Judge.leastSeeds(chance: chance)
      fields.report(
        "must be at least \(least): fewer cannot tell from a chance of \(chance.brief), found \(seeds)", at: "seeds")
    }
    guard fields.problems.isEmpty, let id, let version, let finding, let statement, let source, let metric, let unit,
      let criterion, let comparison, let rationale, let control, let expectation, let needs, let tier, let seeds
    else { return nil }
    self.init(
      id: id, version: version, paper: paper, finding: finding, statement: statement, source: source, choices: choices,
      metric: metric, unit: unit, criterion: criterion, comparison: comparison, rationale: rationale, control: control,
      expectation: expectation, note: note, needs: needs, tier: tier, seeds: seeds)
  }

  /// Whether an id is made of two or more dotted words of lower-case letters, digits and inner hyphens.
  private static func isWellFormed(id: String) -> Bool {
    let words = id.split(separator: ".", omittingEmptySubsequences: false)
    return words.count > 1 && id.utf8.count <= 100
      && words.allSatisfy { word in
        !word.isEmpty && !word.hasPrefix("-") && !word.hasSuffix("-")
          && word.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
      }
  }
}

extension Criterion {
  /// Reads the rule and just the numbers that belong to it; numbers of another rule are problems.
  fileprivate init?(reading fields: inout FieldReader) {
    let numbers = ["published", "margin", "atLeast", "atMost", "chance"]
    let written = numbers.filter { fields.node($0) != nil }
    guard let kind: Kind = fields.choice("kind") else { return nil }
    let own: [String] =
      switch kind {
      case .value, .exact: ["published", "margin"]
      case .bound, .range: ["atLeast", "atMost"]
      case .ordering: ["chance"]
      }
    for key in written where !own.contains(key) {
      fields.report(
        "does not belong to a claim of kind \(kind.rawValue), which has \(own.joined(separator: ", "))", at: key)
    }

    switch kind {
    case .value:
      let published = fields.number("published")
      let margin = fields.number("margin", "a finite number above 0") { $0 > 0 }
      guard let published, let margin else { return nil }
      self = .value(published: published, margin: margin)
    case .exact:
      let published = fields.number("published")
      let margin = fields.number("margin", "a finite number, 0 or above") { $0 >= 0 }
      guard let published, let margin else { return nil }
      self = .exact(published: published, margin: margin)
    case .bound:
      switch (fields.has("atLeast"), fields.has("atMost")) {
      case (true, false):
        guard let bound = fields.number("atLeast") else { return nil }
        self = .atLeast(bound)
      case (false, true):
        guard let bound = fields.number("atMost") else { return nil }
        self = .atMost(bound)
      case (let both, _):
        fields.report("a bound has exactly one of atLeast and atMost, found \(both ? "both" : "neither")")
        return nil
      }
    case .ordering:
      guard let chance = fields.number("chance", "between 0 and 1", where: { $0 > 0 && $0 < 1 }) else { return nil }
      self = .ordering(chance: chance)
    case .range:
      guard fields.has("atLeast") || fields.has("atMost") else {
        fields.report("a range has atLeast, atMost or both, found neither")
        return nil
      }
      let low = fields.has("atLeast") ? fields.number("atLeast") : -Double.infinity
      let high = fields.has("atMost") ? fields.number("atMost") : Double.infinity
      guard let low, let high else { return nil }
      guard low <= high else {
        fields.report("must not be above atMost, found \(low.brief) and \(high.brief)", at: "atLeast")
        return nil
      }
      self = .within(low...high)
    }
  }
}

extension String {
  /// Whether this can be the name of a Swift type, and so of a suite and of a folder.
  var isTypeName: Bool {
    guard let first = utf8.first, (65...90).contains(first), utf8.count <= 60 else { return false }
    return utf8.allSatisfy { (65...90).contains($0) || (97...122).contains($0) || (48...57).contains($0) }
  }
}
