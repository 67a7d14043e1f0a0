import Testing

@testable import Replications

@Suite("Markdown of notes") struct MarkdownTests {
  private func html(_ markdown: String) -> String {
    let renderer = MarkdownHTML(
      address: { $0.hasPrefix("nowhere") ? nil : $0 }, figure: { source, alternative in "<figure>\(source)</figure>" })
    return renderer.html(MarkdownParser.blocks(of: markdown))
  }

  // What CommonMark 0.31 gives, but for identifiers of headings and boxes that scroll.
  @Test(
    "blocks",
    arguments: [
      ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"),
      ("## The *end*", "<h2 id=\"note-the-end\">The <em>end</em></h2>\n"),
      ("#no heading", "<p>#no heading</p>\n"),
      ("- a\n  b\n- c", "<ul>\n<li>a\nb</li>\n<li>c</li>\n</ul>\n"),
      ("- a\nlazy\n- c", "<ul>\n<li>a\nlazy</li>\n<li>c</li>\n</ul>\n"),
      ("- a\n\n- b", "<ul>\n<li>\n<p>a</p>\n</li>\n<li>\n<p>b</p>\n</li>\n</ul>\n"),
      ("- a\n  - b\n- c", "<ul>\n<li>a\n<ul>\n<li>b</li>\n</ul>\n</li>\n<li>c</li>\n</ul>\n"),
      ("3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>\n"),
      ("in 1986. that\n- x", "<p>in 1986. that</p>\n<ul>\n<li>x</li>\n</ul>\n"),
      ("> a\n> b", "<blockquote>\n<p>a\nb</p>\n</blockquote>\n"),
      ("a\n\n---\n\nb", "<p>a</p>\n<hr>\n<p>b</p>\n"),
      ("![x](a.svg)\n![y](b.svg)", "<figure>a.svg</figure>\n<figure>b.svg</figure>\n"),
    ])
  func blocks(markdown: String, expected: String) {
    #expect(html(markdown) == expected)
  }

  @Test(
    "code keeps its spaces, comments and marks",
    arguments: ["```sh\na <!-- b -->\n  *c*\n```", "    a <!-- b -->\n      *c*"])
  func code(markdown: String) {
    let isFenced = markdown.hasPrefix("```")
    #expect(html(markdown).contains("<pre><code>a \(isFenced ? "&lt;!-- b --&gt;" : "")\n  *c*\n</code></pre>"))
  }

  @Test("a table has headers, alignments and as many cells as its head")
  func table() {
    let text = html("| a | b |\n|---|--:|\n| `x` \\| y | 1 |\n| short |\n")
    #expect(text.contains("<th scope=\"col\">a</th><th scope=\"col\" style=\"text-align:end\">b</th>"))
    #expect(text.contains("<td><code>x</code> | y</td><td style=\"text-align:end\">1</td>"))
    #expect(text.contains("<td>short</td><td style=\"text-align:end\"></td>"))
    #expect(html("a | b\nno table").contains("<p>a | b\nno table</p>"))
  }

  @Test(
    "inlines",
    arguments: [
      ("*a* **b** ***c*** _d_", "<em>a</em> <strong>b</strong> <em><strong>c</strong></em> <em>d</em>"),
      ("per feature D* = m/‖W‖² *stay* put", "per feature D* = m/‖W‖² <em>stay</em> put"),
      ("W_in and W_out", "W_in and W_out"),
      ("*Optimiser.* AdamW `a*b`", "<em>Optimiser.</em> AdamW <code>a*b</code>"),
      ("`` a`b `` and ` c", "<code>a`b</code> and ` c"),
      (
        "[the *paper*](https://example.org/a_(b) \"title\")",
        "<a href=\"https://example.org/a_(b)\">the <em>paper</em></a>"
      ),
      (
        "<https://example.org/x?a=1&b=2>",
        "<a href=\"https://example.org/x?a=1&amp;b=2\">https://example.org/x?a=1&amp;b=2</a>"
      ),
      ("[code](nowhere/else)", "code"),
      ("\\*not\\* a < b & c &lt; d &#233;", "*not* a &lt; b &amp; c &lt; d é"),
      ("a  \nb", "a<br>\nb"),
      ("interval [0.1, 0.2] and 2 * 3 * 4", "interval [0.1, 0.2] and 2 * 3 * 4"),
    ])
  func inlines(markdown: String, expected: String) {
    #expect(html(markdown) == "<p>\(expected)</p>\n")
  }

  @Test("comments vanish, within a sentence, around a block and across lines")
  func comments() {
    #expect(html("a <!-- value x -->0.14<!-- /value -->° b") == "<p>a 0.14° b</p>\n")
    #expect(html("<!-- replicate: results -->\n\ntext\n\n<!-- /replicate -->") == "<p>text</p>\n")
    #expect(html("a <!-- one\ntwo --> b\n\nc `<!-- d -->`") == "<p>a  b</p>\n<p>c <code>&lt;!-- d --&gt;</code></p>\n")
    #expect(html("a <!-- never closed\n\nb") == "<p>a</p>\n")
  }

  @Test("markup in a note is text, and no link runs a script")
  func hostile() {
    #expect(html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n")
    #expect(html("[x](javascript:alert(1))") == "<p>x</p>\n")
    #expect(html("[x](JaVaScRiPt:alert(1))") == "<p>x</p>\n")
    #expect(html("[x](a\"onclick=\"b)") == "<p><a href=\"a&quot;onclick=&quot;b\">x</a></p>\n")
  }

  @Test(
    "no text makes the parser fail",
    arguments: [
      "", "*", "**", "[", "![", "[a](", "`", "<", "&", "&;", "\\", "|", "|-", "-", "1.", ">", "#", "```", "- \n\n-",
      "*a _b* c_", "|a|\n|-|\n|",
    ])
  func fragments(markdown: String) {
    let text = html(markdown)
    #expect(tagProblems(in: text) == [])
    #expect(html(markdown + "\n\nend").hasSuffix("end</p>\n") || markdown.hasPrefix("```"))
  }
}
