import Testing

@testable import Plotting

@Suite("Text")
struct TextWrappingTests {
  @Test("Lines break at spaces and newlines, and none is wider than allowed", arguments: [30.0, 80, 200])
  func wrapping(width: Double) {
    let text = "The mean over seeds\nof an extraordinarilylongwordwithoutanyspace and more"
    let lines = TextWrapping.lines(text, width: width, size: 11)
    #expect(lines.allSatisfy { TextMetrics.width($0, size: 11) <= width })
    #expect(lines.joined().filter { $0 != " " } == text.filter { $0 != " " && $0 != "\n" })
  }

  @Test("An identifier wider than a line breaks after its dots and hyphens")
  func identifiers() {
    let width = TextMetrics.width("superposition.polytope.", size: 11) + 1
    let lines = TextWrapping.lines("superposition.polytope.triangular-bipyramid", width: width, size: 11)
    #expect(lines == ["superposition.polytope.", "triangular-bipyramid"])
  }

  @Test("A text that fits stays on one line")
  func fits() {
    #expect(TextWrapping.lines("two words", width: 500, size: 11) == ["two words"])
    #expect(TextWrapping.lines("", width: 500, size: 11) == [])
  }

  @Test("A width below one character gives one character a line")
  func narrow() {
    #expect(TextWrapping.lines("abc", width: 1, size: 11) == ["a", "b", "c"])
  }

  @Test("Widths grow with size and weight, and combining marks take none")
  func widths() {
    #expect(TextMetrics.width("Wᵢ", size: 20) == 2 * TextMetrics.width("Wᵢ", size: 10))
    #expect(TextMetrics.width("superposition", size: 10, bold: true) > TextMetrics.width("superposition", size: 10))
    #expect(TextMetrics.width("W\u{302}", size: 10) == TextMetrics.width("W", size: 10))
  }
}
