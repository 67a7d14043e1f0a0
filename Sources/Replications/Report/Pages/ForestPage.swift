// The forest plot: all claims on scales that can be compared.

/// The page of the forest plots.
struct ForestPage {
  /// A figure for each kind of comparison that is used.
  let figures: [(comparison: Comparison, figure: FigureView)]

  /// The content of the page.
  func body() throws -> String {
    let sections = try figures.map {
      Section(kind: $0.comparison.rawValue, meaning: $0.comparison.meaning, figureHTML: try $0.figure.html())
    }
    return try HTML.render(Self.template, ["sections": sections])
  }

  private struct Section {
    let kind: String
    let meaning: String
    let figureHTML: String
  }

  private static let template = """
    <h1>All claims, standardised</h1>
    <p class="lead">Each row is a claim: the mean over seeds and its 90 % interval, on a scale on which claims can be laid
    side by side. Where a number was published with a margin, the scale counts margins, and what lies between −1 and 1
    agrees. Where a bound was published, the scale counts the distance that the control keeps from it: at 0 and above the
    bound holds, and the control stands at −1. Orders have the share of seeds in which they hold.</p>
    {{#sections}}
    <section aria-labelledby="forest-{{kind}}">
    <h2 id="forest-{{kind}}">Compared by {{kind}}</h2>
    <p>{{meaning}}</p>
    {{{figureHTML}}}
    </section>
    {{/sections}}
    """
}
