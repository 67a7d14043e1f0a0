// Typed access to one YAML mapping. A problem does not stop the reading: it is written down with its line and key
// path, and the next field is read, so that the author of a file sees everything that is wrong with it at once.

import Yams

/// Reads the fields of one YAML mapping, gathering problems and noticing keys that nobody asked for.
struct FieldReader {
  let file: String
  let path: String
  private let line: Int?
  private let entries: [(key: Node, value: Node)]
  private var asked: [String] = []
  private(set) var problems: [FileProblem] = []

  /// Creates a reader of a mapping; any other node is a problem, and a reader of nothing.
  init(_ node: Node, file: String, path: String) {
    self.file = file
    self.path = path
    line = node.mark?.line
    if case .mapping(let mapping) = node {
      entries = mapping.map { (key: $0.key, value: $0.value) }
    } else {
      entries = []
      report("must be a mapping of keys to values, found \(Self.description(of: node))")
    }
  }

  /// The value of a key, or nil where it is absent or empty.
  mutating func node(_ key: String) -> Node? {
    asked.append(key)
    guard let value = value(key), !value.has(.null) else { return nil }
    return value
  }

  /// Whether the key is written, even with an empty value.
  func has(_ key: String) -> Bool {
    value(key) != nil
  }

  /// A required sentence, word or name.
  mutating func text(_ key: String) -> String? {
    guard let node = required(key) else { return nil }
    return text(node, key)
  }

  /// A sentence, word or name that may be absent.
  mutating func optionalText(_ key: String) -> String? {
    guard let node = node(key) else {
      if has(key) { report("must be text, found nothing", at: key) }
      return nil
    }
    return text(node, key)
  }

  /// A required whole number within a range.
  mutating func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let node = required(key) else { return nil }
    guard node.has(.int), let value = node.int else {
      report("must be a whole number, found \(Self.description(of: node))", at: key)
      return nil
    }
    guard range.contains(value) else {
      report("must be from \(range.lowerBound) to \(range.upperBound), found \(value)", at: key)
      return nil
    }
    return value
  }

  /// A required finite number that satisfies a condition, which the message words as `expected`.
  mutating func number(
    _ key: String, _ expected: String = "a finite number", where holds: (Double) -> Bool = { _ in true }
  )
    -> Double?
  {
    guard let node = required(key) else { return nil }
    guard node.has(.int) || node.has(.float), let value = node.float, value.isFinite, holds(value) else {
      report("must be \(expected), found \(Self.description(of: node))", at: key)
      return nil
    }
    return value
  }

  /// One of the names of an enumeration; a default makes the key optional.
  mutating func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, default: Choice? = nil) -> Choice?
  where Choice.RawValue == String {
    if let `default`, !has(key) {
      asked.append(key)
      return `default`
    }
    guard let node = required(key) else { return nil }
    if let name = node.scalar?.string, let choice = Choice(rawValue: name) { return choice }
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    report("must be one of \(names); found \(Self.description(of: node))", at: key)
    return nil
  }

  /// A list of texts; an absent key is an empty list unless it is required.
  mutating func texts(_ key: String, isRequired: Bool) -> [String]? {
    guard let node = isRequired ? required(key) : node(key) else { return isRequired ? nil : [] }
    guard let items = node.sequence else {
      report("must be a list, found \(Self.description(of: node))", at: key)
      return nil
    }
    if isRequired, items.isEmpty {
      report("must not be an empty list", at: key)
      return nil
    }
    let texts = items.enumerated().compactMap { index, item in text(item, "\(key)[\(index)]") }
    return texts.count == items.count ? texts : nil
  }

  /// Reports the keys that were written but never asked for.
  mutating func finish() {
    for entry in entries {
      let name = entry.key.scalar?.string ?? "?"
      guard !asked.contains(name) else { continue }
      let known = asked.sorted().joined(separator: ", ")
      report("is not a known key; the keys here are \(known)", at: name, line: entry.key.mark?.line)
    }
  }

  /// Writes down a problem, at a key of this mapping or at the mapping itself.
  mutating func report(_ message: String, at key: String? = nil, line known: Int? = nil) {
    let name = key.map { String($0.prefix { $0 != "[" }) }
    let place =
      known ?? name.flatMap { name in entries.first { $0.key.scalar?.string == name }?.key.mark?.line } ?? line
    let path = [path, key ?? ""].filter { !$0.isEmpty }.joined(separator: ".")
    problems.append(.init(file: file, line: place, path: path, message: message))
  }

  private func value(_ key: String) -> Node? {
    entries.first { $0.key.scalar?.string == key }?.value
  }

  private mutating func required(_ key: String) -> Node? {
    if let node = node(key) { return node }
    report(has(key) ? "must not be empty" : "is missing", at: key)
    return nil
  }

  private mutating func text(_ node: Node, _ key: String) -> String? {
    guard let scalar = node.scalar, node.has(.str) else {
      let hint = node.scalar == nil ? "" : "; put it in quotes if it is meant as text"
      report("must be text, found \(Self.description(of: node))\(hint)", at: key)
      return nil
    }
    guard scalar.string.contains(where: { !$0.isWhitespace }) else {
      report("must not be empty", at: key)
      return nil
    }
    return scalar.string
  }

  /// A node in the words of an error message.
  private static func description(of node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string.isEmpty ? "nothing" : scalar.string
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }
}

extension Node {
  /// Whether YAML takes the node for this type, by its looks or by a tag.
  fileprivate func has(_ tag: Tag.Name) -> Bool {
    self.tag.description == tag.rawValue
  }
}
