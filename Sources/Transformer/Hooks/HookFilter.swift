// Which hook points are meant: a name, a list, a kind in some layers, a pattern, a predicate.

/// A choice of hook points.
///
/// A string is a full name and a list of strings several:
///
///     "blocks.0.attn.hook_pattern"
///     ["hook_embed", "blocks.1.hook_resid_post"]
///     .each(.pattern)
///     .each(.z, layers: 3..<5)
///     .matching(/attn\.hook_(q|k)$/)
public struct HookFilter: ExpressibleByStringLiteral, ExpressibleByArrayLiteral, CustomStringConvertible {
  private enum Choice {
    case names([String])
    case kinds([ActivationName], layers: [Int]?)
    case predicate((HookPoint) -> Bool)
  }

  private let choice: Choice

  /// How the choice reads in an error.
  public let description: String

  /// Everything that a run computes anyway; what exists only on request is left out.
  public static var all: HookFilter {
    HookFilter(.predicate { !$0.activation.isOnRequest }, "all hook points")
  }

  /// Nothing.
  public static var none: HookFilter { HookFilter(.names([]), "no hook point") }

  /// Whether every place is named, or its layer, so that one outside a run is a mistake.
  var namesEach: Bool {
    switch choice {
    case .names, .kinds(_, layers: .some): true
    case .kinds, .predicate: false
    }
  }

  /// The kinds of activation that are named; none where full names or a predicate choose.
  var kinds: [ActivationName] {
    if case .kinds(let kinds, _) = choice { kinds } else { [] }
  }

  private init(_ choice: Choice, _ description: String) {
    self.choice = choice
    self.description = description
  }

  /// Full names.
  public init(_ names: [String]) {
    self.init(.names(names), names.isEmpty ? "an empty list of names" : names.joined(separator: ", "))
  }

  /// One full name.
  public init(stringLiteral name: String) { self.init([name]) }

  /// Several full names.
  public init(arrayLiteral names: String...) { self.init(names) }

  /// Some hook points.
  public init(_ points: [HookPoint]) { self.init(points.map(\.name)) }

  /// A kind of activation, in all layers or in some.
  public static func each(_ activation: ActivationName, layers: (some Sequence<Int>)? = [Int]?.none) -> HookFilter {
    each([activation], layers: layers)
  }

  /// Several kinds of activation, in all layers or in some.
  public static func each(_ activations: [ActivationName], layers: (some Sequence<Int>)? = [Int]?.none) -> HookFilter {
    let kinds = activations.isEmpty ? "no activation" : activations.map(\.rawValue).joined(separator: ", ")
    let layers = layers.map { Array($0) }
    return HookFilter(
      .kinds(activations, layers: layers), layers.map { "\(kinds) in the layers \($0)" } ?? "\(kinds) in every layer")
  }

  /// The hook points whose full name has a match of the pattern.
  public static func matching(_ pattern: Regex<some Any>) -> HookFilter {
    HookFilter(.predicate { $0.name.firstMatch(of: pattern) != nil }, "a match of the pattern")
  }

  /// The hook points whose full name has a match of a pattern that is given as text.
  ///
  /// Throws what the pattern's syntax is at fault with.
  public static func matching(_ pattern: String) throws -> HookFilter {
    let expression = try Regex(pattern)
    return HookFilter(.predicate { $0.name.firstMatch(of: expression) != nil }, "a match of \(pattern)")
  }

  /// The hook points that a predicate accepts.
  public static func filter(_ isIncluded: @escaping (HookPoint) -> Bool) -> HookFilter {
    HookFilter(.predicate(isIncluded), "what the predicate accepts")
  }

  /// The chosen ones among the hook points of a model, in their order.
  ///
  /// Throws when a name is no hook point or a layer none of the model's, and when nothing at all is chosen by a kind,
  /// pattern or predicate.
  func points(of configuration: TransformerConfiguration) throws(HookError) -> [HookPoint] {
    let all = configuration.hookPoints
    switch choice {
    case .names(let names):
      let known = Set(all)
      var chosen: Set<HookPoint> = []
      for name in names {
        guard let point = HookPoint(name), known.contains(point), HookPoint.isMeant(name, in: configuration) else {
          throw .unknownName(name, nearest: nearest(to: name, among: all))
        }
        chosen.insert(point)
      }
      return all.filter(chosen.contains)
    case .kinds(let kinds, let layers):
      if let layer = layers?.first(where: { !(0..<configuration.nLayers).contains($0) }) {
        throw .noSuchLayer(layer, layers: configuration.nLayers)
      }
      let chosen = all.filter { point in
        kinds.contains(point.activation) && (point.layer == nil || layers?.contains(point.layer ?? 0) ?? true)
      }
      let missing = kinds.first { kind in !chosen.contains { $0.activation == kind } }
      if let missing { throw .matchesNothing("\(missing.rawValue)\(layers.map { " in the layers \($0)" } ?? "")") }
      guard !chosen.isEmpty else { throw .matchesNothing(description) }
      return chosen
    case .predicate(let isIncluded):
      let chosen = all.filter(isIncluded)
      guard !chosen.isEmpty else { throw .matchesNothing(description) }
      return chosen
    }
  }
}

/// The name that differs least, counted in single-character edits.
private func nearest(to name: String, among points: [HookPoint]) -> String? {
  points.map(\.name).min { editDistance($0, name) < editDistance($1, name) }
}

private func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.utf8), Array(b.utf8))
  var row = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, y) in b.enumerated() {
      let substitution = diagonal + (x == y ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(substitution, row[j + 1] + 1, row[j] + 1)
    }
  }
  return row[b.count]
}
