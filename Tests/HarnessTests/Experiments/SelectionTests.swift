import Testing

@testable import Replications

@Suite("Selection") struct SelectionTests {
  let library = Library.demo([.demo("demo.pentagon.gaps"), .demo("demo.pentagon.bias"), .demo("demo.plateau")])
  let registry = Registry.demo(
    FakeExperiment(claims: ["demo.pentagon.gaps", "demo.pentagon.bias"]) { _ in [] },
    FakeExperiment(name: "StickyLines", claims: ["demo.plateau"]) { _ in [] })

  @Test(
    "a pattern is part of an id, a finding, a paper or an experiment, or a glob, in any case",
    arguments: [
      (nil, 3), ("gaps", 1), ("PENTAGON", 2), ("demo", 3), ("Demo", 3), ("sticky", 1), ("doe2020", 3),
      ("Demo/StickyLines", 1),
      ("*.pentagon.*", 2), ("demo.p?ateau", 1), ("*[sg]as", 0), ("demo.pentagon.[ab]*", 1), ("pentagon.*", 0),
    ])
  func matches(pattern: String?, count: Int) throws {
    if count == 0 {
      #expect(throws: SelectionError.self) { try Selection(pattern, library: library, registry: registry) }
    } else {
      #expect(try Selection(pattern, library: library, registry: registry).claims.count == count)
    }
  }

  @Test("a pattern without match is an error that suggests the nearest ids")
  func suggestions() {
    let typo = #expect(throws: SelectionError.self) { try Selection("pentgon", library: library, registry: registry) }
    #expect(
      typo?.description
        == "no claim, finding, paper or experiment matches \"pentgon\"; did you mean demo.pentagon.bias, demo.pentagon.gaps?"
    )
    let alien = #expect(throws: SelectionError.self) {
      try Selection("induction", library: library, registry: registry)
    }
    #expect(alien?.suggestions == [])
  }

  @Test("an empty library has nothing to choose from")
  func empty() {
    #expect(throws: SelectionError.self) { try Selection(nil, library: .demo([]), registry: registry) }
  }

  @Test(
    "the distance counts letters to insert, delete and change",
    arguments: [("", "abc", 3), ("kitten", "sitting", 3), ("a", "a", 0)])
  func distance(left: String, right: String, expected: Int) {
    #expect(Selection.distance(left, right) == expected)
    #expect(Selection.distance(right, left) == expected)
  }
}
