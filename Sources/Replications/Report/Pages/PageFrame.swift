// What all pages have in common: head, navigation, footer. Nothing comes from outside the site, and the policy in the head
// lets the browser see to it.

import Foundation

/// A page around its content.
struct PageFrame {
  /// The path of the page in the site.
  let path: String
  let title: String
  let body: String
  /// The script of the page; nil for none.
  var script: String?
  /// The papers in the navigation.
  let papers: [Paper]
  /// What the page was made from, for the footer.
  let made: String

  /// The bytes of the page.
  func data() throws -> Data {
    let root = SitePath.root(from: path)
    func link(_ target: String, _ name: String, _ title: String) -> Link {
      Link(address: root + target, name: name, full: title, isHere: target == path)
    }
    let links =
      [link(SitePath.board, "Board", "All claims"), link(SitePath.forest, "Forest plot", "All claims, standardised")]
      + papers.map { link(SitePath.paper($0.key), $0.citation, $0.title) }
    let view = View(
      title: title, policy: policy, styles: Stylesheet.text, links: links, body: body, made: made, inlineScript: script)
    return Data(try HTML.render(Self.template, view).utf8)
  }

  /// Only the page's own script may run, and nothing may be fetched but files of the site.
  private var policy: String {
    let scripts = script.map { "'sha256-\(SHA256.base64($0.utf8))'" } ?? "'none'"
    return "default-src 'none'; script-src \(scripts); style-src 'unsafe-inline'; img-src 'self' file: data:; "
      + "object-src 'self' file:; frame-src 'self' file:; base-uri 'none'; form-action 'none'"
  }

  private struct View {
    let title: String
    let policy: String
    let styles: String
    let links: [Link]
    let body: String
    let made: String
    let inlineScript: String?
  }

  private struct Link {
    let address: String
    let name: String
    let full: String
    let isHere: Bool
  }

  private static let template = """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="{{policy}}">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <link rel="icon" href="data:,">
    <title>{{title}}</title>
    <style>
    {{{styles}}}</style>
    </head>
    <body>
    <a class="skip" href="#content">Skip to the content</a>
    <header class="top">
    <span class="name">Replications</span>
    <nav aria-label="Pages">
    <ul>
    {{#links}}
    <li><a href="{{address}}" title="{{full}}"{{#isHere}} aria-current="page"{{/isHere}}>{{name}}</a></li>
    {{/links}}
    </ul>
    </nav>
    </header>
    <main id="content" tabindex="-1">
    {{{body}}}
    </main>
    <footer>
    <p>{{made}}</p>
    </footer>
    {{#inlineScript}}
    <script>{{{inlineScript}}}</script>
    {{/inlineScript}}
    </body>
    </html>

    """
}

extension Paper {
  /// The first author and the year, as one refers to it.
  var citation: String {
    let words = authors.first?.split(separator: " ") ?? []
    // A family name begins with its particle, as in "von Oswald".
    let start = words.firstIndex { $0.first?.isLowercase == true } ?? max(words.count - 1, 0)
    let name = words.isEmpty ? key : words[start...].joined(separator: " ")
    return "\(name)\(authors.count > 1 ? " et al." : "") \(year)"
  }

  /// The authors, all of a few or the first of many.
  var shortAuthors: String {
    authors.count <= 4
      ? authors.joined(separator: ", ")
      : authors.prefix(3).joined(separator: ", ") + " and \(authors.count - 3) others"
  }
}

extension SHA256 {
  /// The hash of bytes in Base64, as policies name scripts.
  fileprivate static func base64(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array(hexadecimal(bytes))
    let hash = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...($0 + 1)]), radix: 16)
    }
    return Data(hash).base64EncodedString()
  }
}
