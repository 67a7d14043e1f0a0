import Testing

@testable import Replications

@Suite("HTML") struct HTMLTests {
  @Test("a quotation mark is escaped even under a combining mark, in texts and in templates")
  func combining() throws {
    #expect(HTML.escape("\"\u{338} <\u{338} '&'") == "&quot;\u{338} &lt;\u{338} &#39;&amp;&#39;")
    #expect(
      try HTML.render("<a title=\"{{text}}\">{{{text}}}</a>", ["text": "\"\u{338}"])
        == "<a title=\"&quot;\u{338}\">\"\u{338}</a>")
    #expect(try HTML.render("{{#list}}{{.}}{{/list}}", ["list": ["\"\u{301}", "b"]]) == "&quot;\u{301}b")
  }

  @Test("characters that HTML forbids are replaced")
  func forbidden() {
    #expect(HTML.escape("a\u{0}b\u{85}c\td\n") == "a\u{FFFD}b\u{FFFD}c\td\n")
  }

  @Test("only addresses on the web and within the site are linked to")
  func addresses() {
    for address in [
      "https://a.org", "http://a.org", "mailto:a@b.org", "figures/a.svg", "#note-a", "../x/index.html",
      "a:b".replacing(":", with: "/"),
    ] {
      #expect(HTML.isSafe(address: address))
    }
    for address in ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x", ""] {
      #expect(!HTML.isSafe(address: address))
    }
  }
}
