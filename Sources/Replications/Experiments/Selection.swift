// Choosing claims by a pattern, and helping whoever mistypes one.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The claims that a pattern chooses.
public struct Selection: Sendable {
  /// The chosen claims, in the order of the library; never empty.
  public let claims: [Claim]

  /// Chooses the claims of which some name contains a pattern or, if it has `*`, `?` or `[`, matches it as a glob.
  ///
  /// The names are the claim's id, its finding, its paper's key and its experiment. Upper and lower case are the same.
  /// No pattern chooses all claims.
  public init(_ pattern: String?, library: Library, registry: Registry) throws(SelectionError) {
    let candidates = library.claims.map { claim in
      (claim: claim, names: Self.names(of: claim, registry).map { $0.lowercased() })
    }
    guard let pattern, !pattern.isEmpty else {
      guard !library.claims.isEmpty else { throw SelectionError(pattern: nil, suggestions: []) }
      claims = library.claims
      return
    }
    let wanted = pattern.lowercased()
    let isGlob = wanted.contains { "*?[".contains($0) }
    claims = candidates.filter { candidate in
      candidate.names.contains { isGlob ? fnmatch(wanted, $0, 0) == 0 : $0.contains(wanted) }
    }.map(\.claim)
    guard claims.isEmpty else { return }
    throw SelectionError(pattern: pattern, suggestions: Self.suggestions(wanted, candidates))
  }

  private static func names(of claim: Claim, _ registry: Registry) -> [String] {
    let experiment = registry.experiment(measuring: claim.id)?.experiment.name
    return [claim.id, claim.finding, claim.paper] + (experiment.map { [$0, "\(claim.finding)/\($0)"] } ?? [])
  }

  /// The ids of up to three claims of which some name, or word of a name, is nearest to what was typed.
  private static func suggestions(_ wanted: String, _ candidates: [(claim: Claim, names: [String])]) -> [String] {
    let ranked = candidates.map { candidate in
      let words = candidate.names.flatMap { [$0] + $0.split(separator: ".").map(String.init) }
      return (id: candidate.claim.id, distance: words.map { distance(wanted, $0) }.min() ?? .max)
    }
    let limit = max(2, wanted.count / 3)
    return ranked.filter { $0.distance <= limit }.sorted { ($0.distance, $0.id) < ($1.distance, $1.id) }
      .prefix(3).map(\.id)
  }

  /// The number of letters to insert, delete or change to make one text of the other (Levenshtein 1966).
  static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let change = diagonal + (letter == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(change, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}

/// A pattern that chooses nothing.
public struct SelectionError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The pattern; nil where all claims were wanted and there is none.
  public let pattern: String?

  /// The ids of claims that may have been meant.
  public let suggestions: [String]

  /// Creates the error.
  public init(pattern: String?, suggestions: [String]) {
    self.pattern = pattern
    self.suggestions = suggestions
  }

  /// The sentence that a person reads.
  public var description: String {
    guard let pattern else { return "there are no claims" }
    let sentence = "no claim, finding, paper or experiment matches \"\(pattern)\""
    if suggestions.isEmpty { return "\(sentence); `replicate list` shows them all" }
    return "\(sentence); did you mean \(suggestions.joined(separator: ", "))?"
  }
}
