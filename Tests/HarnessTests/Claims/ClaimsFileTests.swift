import Foundation
import Testing

@testable import Replications

@Suite("Claims files") struct ClaimsFileTests {
  @Test("a well-formed file is read whole")
  func wellFormed() async throws {
    let library = try await library(demoClaimsFile)
    #expect(
      library.papers == [
        Paper(
          key: "doe2020demo", title: "A Demonstration", authors: ["J. Doe", "R. Roe"], year: 2020,
          url: "https://example.org/demo")
      ])
    #expect(library.claims.map(\.id) == ["demo.pentagon.gaps", "demo.order", "demo.bound", "demo.theorem"])
    #expect(
      library.claims.map(\.criterion) == [
        .value(published: 72, margin: 1), .ordering(chance: 0.5), .atMost(0.1), .exact(published: 2, margin: 0),
      ])
    let order = try #require(library.claim("demo.order"))
    #expect(order.version == 2 && order.comparison == .shape && order.tier == .standard && order.seeds == 6)
    #expect(order.expectation == .partial && order.note == "weak in small models")
    #expect(order.choices == "the paper does not say how many" && order.needs == [])
  }

  /// An edit of the demonstration, and the one problem it must cause.
  struct Mistake: CustomTestStringConvertible {
    let old: String
    let new: String
    let problem: String
    var testDescription: String { problem }

    init(_ old: String, _ new: String, _ problem: String) {
      self.old = old
      self.new = new
      self.problem = problem
    }
  }

  static let mistakes = [
    Mistake("margin: 1.0", "margin: .nan", "18: claims[0].margin: must be a finite number above 0, found .nan"),
    Mistake("margin: 1.0", "margin: .inf", "18: claims[0].margin: must be a finite number above 0, found .inf"),
    Mistake("margin: 1.0", "margin: 0", "18: claims[0].margin: must be a finite number above 0, found 0"),
    Mistake("margin: 1.0", "margin: wide", "18: claims[0].margin: must be a finite number above 0, found wide"),
    Mistake("margin: 1.0", "margin: \"1.0\"", "18: claims[0].margin: must be a finite number above 0, found 1.0"),
    Mistake("    margin: 1.0\n", "", "8: claims[0].margin: is missing"),
    Mistake("margin: 0\n", "margin: -1\n", "65: claims[3].margin: must be a finite number, 0 or above, found -1"),
    Mistake("published: 72.0", "published: [72]", "17: claims[0].published: must be a finite number, found a list"),
    Mistake(
      "    tier: long", "    tear: short\n    tier: long",
      "53: claims[2].tear: is not a known key; the keys here are atLeast, atMost"),
    Mistake(
      "  year: 2020", "  year: 2020\n  doi: none",
      "6: paper.doi: is not a known key; the keys here are authors, key, title, url, year"),
    Mistake("claims:", "claim: 1\nclaims:", "7: claim: is not a known key; the keys here are claims, paper"),
    Mistake("year: 2020", "year: 20.5", "5: paper.year: must be a whole number, found 20.5"),
    Mistake("year: 2020", "year: 20", "5: paper.year: must be from 1800 to 2200, found 20"),
    Mistake(
      "key: doe2020demo", "key: roe", "2: paper.key: must be the name of the paper's folder, doe2020demo, found roe"),
    Mistake(
      "https://example.org/demo", "example.org", "6: paper.url: must be an http or https address, found example.org"),
    Mistake("[J. Doe, R. Roe]", "[]", "4: paper.authors: must not be an empty list"),
    Mistake("[J. Doe, R. Roe]", "J. Doe", "4: paper.authors: must be a list, found J. Doe"),
    Mistake("[J. Doe, R. Roe]", "[J. Doe, 7]", "4: paper.authors[1]: must be text, found 7; put it in quotes"),
    Mistake("title: A Demonstration", "title:", "3: paper.title: must not be empty"),
    Mistake("title: A Demonstration", "title: \" \"", "3: paper.title: must not be empty"),
    Mistake(
      "metric: loss", "metric: 3",
      "46: claims[2].metric: must be text, found 3; put it in quotes if it is meant as text"),
    Mistake("id: demo.bound", "id: Demo.bound", "41: claims[2].id: must be lower-case words joined by dots"),
    Mistake("id: demo.bound", "id: demo/bound", "41: claims[2].id: must be lower-case words joined by dots"),
    Mistake("id: demo.bound", "id: demo..bound", "41: claims[2].id: must be lower-case words joined by dots"),
    Mistake(
      "id: demo.bound", "id: demo.order",
      "41: id: the claim demo.order is already stated at papers/doe2020demo/claims.yaml:23"),
    Mistake("version: 2", "version: 0", "24: claims[1].version: must be from 1 to 10000, found 0"),
    Mistake(
      "kind: bound", "kind: limit",
      "48: claims[2].kind: must be one of value, bound, ordering, exact, range; found limit"),
    Mistake(
      "atMost: 0.1", "atMost: 0.1\n    margin: 1", "51: claims[2].margin: does not belong to a claim of kind bound"),
    Mistake(
      "atMost: 0.1", "atMost: 0.1\n    atLeast: 0",
      "41: claims[2]: a bound has exactly one of atLeast and atMost, found both"),
    Mistake("    atMost: 0.1\n", "", "41: claims[2]: a bound has exactly one of atLeast and atMost, found neither"),
    Mistake("atMost: 0.1", "atMost: .nan", "50: claims[2].atMost: must be a finite number, found .nan"),
    Mistake("chance: 0.5", "chance: 1", "33: claims[1].chance: must be between 0 and 1, found 1"),
    Mistake(
      "seeds: 6", "seeds: 4", "40: claims[1].seeds: must be at least 5: fewer cannot tell from a chance of 0.5, found 4"
    ),
    Mistake(
      "kind: bound\n    comparison: shape\n    atMost: 0.1", "kind: range\n    comparison: shape",
      "41: claims[2]: a range has atLeast, atMost or both, found neither"),
    Mistake(
      "kind: bound\n    comparison: shape\n    atMost: 0.1",
      "kind: range\n    comparison: shape\n    atMost: 0.1\n    atLeast: 0.2",
      "51: claims[2].atLeast: must not be above atMost, found 0.2 and 0.1"),
    Mistake("seeds: 3", "seeds: 1", "54: claims[2].seeds: must be from 2 to 1000, found 1"),
    Mistake(
      "comparison: identity", "comparison: exact", "63: claims[3].comparison: must be one of identity, number, shape"),
    Mistake("tier: long", "tier: nightly", "53: claims[2].tier: must be one of quick, standard, long; found nightly"),
    Mistake(
      "    note: weak in small models\n", "", "23: claims[1].note: is missing: an expectation of partial needs one"),
    Mistake("needs: []", "needs: gpt2-small", "38: claims[1].needs: must be a list, found gpt2-small"),
    Mistake(
      "finding: Demo\n    statement: The loss", "finding: demo\n    statement: The loss",
      "43: claims[2].finding: must be the name of a Swift type, such as Superposition; found demo"),
    Mistake("  year: 2020\n", "  year: 2020\n  year: 2021\n", "5: the same mapping has the key year twice"),
    Mistake("    version: 2\n", "    version: 2\n    version: 2\n", "24: the same mapping has the key version twice"),
    Mistake("  year: 2020", " year: 2020", "5: is not well-formed YAML"),
    Mistake("title: A Demonstration", "title: {", ": is not well-formed YAML"),
  ]

  @Test("a mistake is named with file, line and key", arguments: mistakes)
  func mistake(_ mistake: Mistake) async throws {
    #expect(demoClaimsFile.contains(mistake.old))
    let text = demoClaimsFile.replacing(mistake.old, with: mistake.new, maxReplacements: 1)
    let error = await #expect(throws: ClaimsFileError.self) { try await library(text) }
    #expect(error?.problems.count == 1, "\(error?.description ?? "")")
    let message = error?.description ?? ""
    #expect(message.hasPrefix("papers/doe2020demo/claims.yaml:"), "\(message)")
    #expect(message.dropFirst("papers/doe2020demo/claims.yaml:".count).contains(mistake.problem), "\(message)")
  }

  @Test("all mistakes of a file are named at once, in the order of its lines")
  func allAtOnce() async throws {
    let text = demoClaimsFile.replacing("year: 2020", with: "year: soon").replacing("margin: 1.0", with: "margin: .nan")
      .replacing("tier: long", with: "tier: later")
    let error = await #expect(throws: ClaimsFileError.self) { try await library(text) }
    #expect(error?.problems.map(\.line) == [5, 18, 53])
  }

  @Test("an empty file, a list and a file without claims are errors")
  func shapes() async {
    for (text, message) in [
      ("", "is empty"), ("- 1", "must be a mapping of keys to values, found a list"),
      (String(demoClaimsFile.prefix(while: { $0 != "-" })), "claims: must be a list of claims"),
      ("claims: []", "claims: must hold at least one claim"), ("claims: []", "paper: is missing"),
    ] {
      let error = await #expect(throws: ClaimsFileError.self) { try await library(text) }
      #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
    }
  }

  private func library(_ text: String) async throws -> Library {
    try await withTemporaryFolder { folder in
      try folder.write(text, to: "papers/doe2020demo/claims.yaml")
      return try Library.load(papers: folder.appending(path: "papers"))
    }
  }
}
