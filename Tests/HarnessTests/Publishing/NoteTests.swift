import Testing

@testable import Replications

@Suite("A note with places to fill in") struct NoteTests {
  private func problems(_ text: String) -> [String] {
    do throws(PublicationError) {
      _ = try Note(text, name: "README.md")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test("prose stays as it is, and each place takes its text")
  func filling() throws {
    let text = """
      # Title <!-- a comment -->

      Gaps of <!-- replicate: value a.b mean .1 -->0<!-- /replicate -->° and <!-- replicate: value a.c seeds --><!-- /replicate -->.
      <!-- replicate: results -->
      old
      <!-- /replicate -->
      End.

      """
    let note = try Note(text, name: "README.md")
    #expect(note.places.map(\.line) == [3, 3, 4])
    let filled = try note.filled { $0.directive == .results ? "| new |" : "\($0.line)" }
    #expect(
      filled == """
        # Title <!-- a comment -->

        Gaps of <!-- replicate: value a.b mean .1 -->3<!-- /replicate -->° and <!-- replicate: value a.c seeds -->3<!-- /replicate -->.
        <!-- replicate: results -->

        | new |

        <!-- /replicate -->
        End.

        """)
    #expect(
      try Note(filled, name: "README.md").filled { $0.directive == .results ? "| new |" : "\($0.line)" } == filled)
  }

  @Test("figures are those of places and those that prose shows, once each")
  func figures() throws {
    let note = try Note(
      """
      ![a](figures/B.svg) <!-- replicate: figure A -->x<!-- /replicate --> ![b](figures/B.svg)
      ![c](elsewhere/C.svg)
      """, name: "README.md")
    #expect(note.figures == ["B", "A"])
  }

  @Test(
    "what is wrong with a place is said with its line",
    arguments: [
      ("\n<!-- replicate: results -->", "README.md:2: this place is not closed by <!-- /replicate -->"),
      (
        "a <!-- replicate: results -->b<!-- replicate: results --><!-- /replicate -->",
        "README.md:1: this place is not closed by <!-- /replicate -->"
      ),
      ("a\n\n<!-- /replicate -->", "README.md:3: <!-- /replicate --> closes nothing"),
      (
        "a <!-- replicate: result --><!-- /replicate -->",
        "README.md:1: 'result' is not understood: 'results', 'figure NAME' and 'value CLAIM FIELD [FORMAT]' are"
      ),
      (
        "a <!-- replicate: value a.b median --><!-- /replicate -->",
        "README.md:1: 'median' is no field: mean, lower, upper, minimum, maximum, control, seeds, published, margin, "
          + "reproduced, root-seeds, root-mean, root-error, root-count and detail:NAME are"
      ),
      (
        "a <!-- replicate: value a.b mean 2 --><!-- /replicate -->",
        "README.md:1: '2' is no format: '.2' means two decimals, '.0%' a percentage"
      ),
      (
        "a\n<!-- replicate: value a.b mean --><!-- /replicate -->",
        "README.md:2: a value cannot begin a line, where Markdown takes the comment for a block: put a word before it"
      ),
    ])
  func problems(text: String, problem: String) {
    #expect(problems(text) == [problem])
  }

  @Test(
    "numbers are written with decimals or as percentages",
    arguments: [
      (".2", 0.125, "0.12"), (".0%", 0.98, "98 %"), (".1%", 0.9876, "98.8 %"), (".1", -0.04, "0.0"),
      (".1", -0.06, "-0.1"),
    ])
  func formats(word: String, number: Double, text: String) {
    #expect(NoteDirective.NumberFormat(word[...])?.text(number) == text)
  }

  private static let sections = Note.sections.map { "## \($0)\n" }.joined(separator: "\n")

  @Test("a note has every section once, a longer heading counting too")
  func sections() throws {
    #expect(try Note(Self.sections, name: "README.md").formProblems() == [])
    let longer = Self.sections.replacing("## Conclusion", with: "## Conclusion and future work")
      .replacing("## Results", with: "## Results: one\n\n## Results: two")
    #expect(try Note(longer, name: "README.md").formProblems() == [])
    let lacking = Self.sections.replacing("## Methods", with: "## Methodology")
    #expect(
      try Note(lacking, name: "README.md").formProblems().map(\.description) == ["README.md: has no section 'Methods'"])
    let twice = "## Results\n\n\(Self.sections)"
    #expect(
      try Note(twice, name: "README.md").formProblems().map(\.description) == [
        "README.md:7: is a second section 'Results'"
      ])
  }

  @Test("a long paragraph does not stand twice, however its lines are broken; a short one may, and code and tables do")
  func repeats() throws {
    let long = String(repeating: "Many words say one thing. ", count: 5)
    let broken = long.replacing("say one thing. Many", with: "say one thing.\nMany")
    let text = "\(Self.sections)\n\(long)\n\nShort.\n\n\(broken)\n\nShort.\n\n```\n\(long)\n```\n"
    let problems = try Note(text, name: "README.md").formProblems().map(\.description)
    #expect(problems.count == 1)
    #expect(problems.first?.hasPrefix("README.md:17: says what line 13 says, word for word: 'Many words") == true)
    let generated = "a <!-- replicate: results -->\n\n\(long)\n\n<!-- /replicate -->\n\n"
    #expect(try Note(Self.sections + generated + generated, name: "README.md").formProblems() == [])
  }

  @Test("decimals that the prose of results types are listed, with exceptions for what is no measurement")
  func typedNumbers() throws {
    let text = """
      ## Methods
      A rate of 0.1.
      ## Results
      It gave 0.93 in `0.5`, section 2.3 and [x](a/1.5.svg), version 4.3 and 3.2.1;
      twice <!-- replicate: value a.b mean .2 -->0.25<!-- /replicate --> and 12.5 %.
      ## Conclusion
      0.7
      """
    #expect(
      try Note(text, name: "README.md").typedNumbers().map(\.description) == [
        "README.md:4: types 0.93 outside a place", "README.md:5: types 12.5 outside a place",
      ])
  }
}
