// A figure on a page. It is an object rather than an image: only so do its hover values come with it, and being a
// document of its own it can disturb nothing around it.

import Foundation

/// An SVG file as a page shows it.
struct FigureView {
  /// The addresses from the page.
  let svg: String
  let csv: String?
  let title: String
  let width: String
  let aspect: String
  /// The least width at which it is legible; narrower screens scroll it.
  let leastWidth: String

  /// Describes a drawing, which carries its own title.
  init(drawing: Data, svg: String, csv: String?) {
    let head = String(decoding: drawing.prefix(4096), as: UTF8.self)
    let size = head.firstMatch(of: /<svg[^>]*? width="([0-9.]+)" height="([0-9.]+)"/)
    let width = size.flatMap { Double($0.output.1) } ?? 600
    let height = size.flatMap { Double($0.output.2) } ?? 400
    let own = head.firstMatch(of: /<title>([^<]*)<\/title>/).map { Self.unescaped(String($0.output.1)) }
    self.svg = svg
    self.csv = csv
    title = own ?? svg
    self.width = "\(width.brief)px"
    self.aspect = "\(width.brief)/\(height.brief)"
    leastWidth = "\(min(width, 640).brief)px"
  }

  /// The HTML.
  func html() throws -> String { try HTML.render(Self.template, self) }

  private static func unescaped(_ text: String) -> String {
    text.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
  }

  private static let template = """
    <figure class="figure">
    <div class="scrolling" role="region" tabindex="0" aria-label="{{title}}">
    <object type="image/svg+xml" data="{{svg}}" role="img" aria-label="{{title}}" tabindex="-1" \
    style="width:{{width}};min-width:{{leastWidth}};aspect-ratio:{{aspect}}"><a href="{{svg}}">{{title}}</a></object>
    </div>
    <figcaption>This figure as <a href="{{svg}}" aria-label="SVG: {{title}}">SVG</a>{{#csv}}, its numbers as \
    <a href="{{csv}}" aria-label="CSV: {{title}}">CSV</a>{{/csv}}</figcaption>
    </figure>
    """
}
