import Testing

@testable import Plotting

@Suite("SVG writer")
struct SVGWriterTests {
  private let hostile = "a < b & \"c\" > 'd'\u{1}\n]]>"

  @Test("Markup in any text is escaped, and characters that XML forbids are replaced")
  func escaping() {
    #expect(XML.escape(hostile) == "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;\u{FFFD} ]]&gt;")
  }

  @Test("Hostile labels never become markup")
  func hostileLabels() {
    let script = "<script>alert(1)</script>"
    let figure = Figure(
      title: script, subtitle: script, caption: script, footer: script,
      panels: [
        Panel(
          title: script, x: .linear(script), y: .categories([script]),
          marks: [.scatter(script, [Point(0.0, 0.0)], titles: [script], labels: [script])])
      ])
    #expect(!figure.svg.contains("<script"))
    #expect(figure.svg.contains("&lt;script&gt;"))
  }

  @Test("A figure names itself to screen readers and describes what it shows and leaves out")
  func accessibility() {
    let figure = Figure(
      title: "Loss & steps", subtitle: "5 seeds", caption: "It falls.",
      panels: [Panel(marks: [.line("loss", xs: [0, 1], ys: [1, .nan])])])
    #expect(figure.svg.contains("role=\"img\" aria-label=\"Loss &amp; steps\""))
    #expect(figure.svg.contains("<title>Loss &amp; steps</title>"))
    #expect(figure.svg.contains("<desc>5 seeds It falls. 1 datum has no place on the axes"))
  }

  @Test("Automatic figures follow the viewer's colour scheme; the others are fixed")
  func themes() {
    func svg(_ theme: Theme) -> String { Figure(title: "t", panels: [Panel(marks: [])], theme: theme).svg }
    #expect(svg(.automatic).contains("@media (prefers-color-scheme:dark)"))
    #expect(!svg(.light).contains("@media") && !svg(.dark).contains("@media"))
    #expect(svg(.dark).contains(Palette.dark.surface.hex) && !svg(.dark).contains(Palette.light.text.hex))
  }

  @Test("Nothing outside the file is needed: no scripts, links, images or identifiers")
  func selfContained() {
    for entry in Gallery.entries {
      for word in ["<script", "href", "url(", "@import", "<image", " id=", "@font-face"] {
        #expect(!entry.figure.svg.contains(word), "\(entry.name) contains \(word)")
      }
    }
  }
}
