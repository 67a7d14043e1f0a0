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
          + "reproduced, root-seeds and detail:NAME are"
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
}
