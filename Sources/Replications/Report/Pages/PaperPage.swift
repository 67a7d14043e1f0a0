// The page of a paper: the note, every claim with what it rests on, the figures of the run.

import Foundation

/// The page of one paper.
struct PaperPage {
  let paper: Paper
  let claims: [ClaimView]
  /// The note as HTML; nil where the paper has none.
  let note: String?
  /// The figures of the run that the note does not show.
  let figures: [FigureView]
  /// The figures that the note shows, as this run drew them.
  let figuresOfNote: [FigureView]
  /// Figures that records name and the evidence does not hold.
  let missing: [String]
  /// Files beside the note that can be taken away.
  let files: [ClaimView.Download]

  /// The content of the page.
  func body() throws -> String {
    let shown = try figures.map { try $0.html() }
    let again = try figuresOfNote.map { try $0.html() }
    let view = View(
      title: paper.title, authors: paper.authors.joined(separator: ", "), year: String(paper.year), source: paper.url,
      noteHTML: note, claims: claims,
      hasFigures: !shown.isEmpty || !again.isEmpty || !missing.isEmpty, figures: shown,
      figuresOfNote: again.isEmpty ? nil : Again(figures: again),
      missingFigures: missing.isEmpty ? nil : missing.joined(separator: ", "), paperFiles: files)
    return try HTML.render(Self.template, view)
  }

  private struct View {
    let title: String
    let authors: String
    let year: String
    let source: String
    let noteHTML: String?
    let claims: [ClaimView]
    let hasFigures: Bool
    let figures: [String]
    let figuresOfNote: Again?
    let missingFigures: String?
    let paperFiles: [ClaimView.Download]
  }

  private struct Again {
    let figures: [String]
  }

  private static let template = """
    <h1>{{title}}</h1>
    <p class="by">{{authors}}, {{year}}. <a href="{{source}}">The paper</a></p>
    <nav class="contents" aria-label="On this page"><ul>
    {{#noteHTML}}
    <li><a href="#note">The note</a></li>
    {{/noteHTML}}
    <li><a href="#claims">The claims</a></li>
    {{#hasFigures}}
    <li><a href="#figures">Figures of the run</a></li>
    {{/hasFigures}}
    </ul></nav>
    {{#noteHTML}}
    <section class="note" aria-labelledby="note">
    <h2 id="note">The note</h2>
    {{{noteHTML}}}
    </section>
    {{/noteHTML}}

    <section aria-labelledby="claims">
    <h2 id="claims">The claims</h2>
    <p>As data: {{#paperFiles}}<a href="{{address}}" download>{{name}}</a> {{/paperFiles}}</p>
    {{#claims}}
    <article class="claim" id="{{row.id}}" aria-labelledby="{{row.id}}-name">
    <h3 id="{{row.id}}-name"><a href="#{{row.id}}"><code>{{row.id}}</code></a></h3>
    <p class="statement">{{row.statement}}</p>
    <p class="marks"><span class="verdict {{row.state}}"><span aria-hidden="true">{{row.symbol}}</span> {{row.verdict}}</span>{{#row.remark}}
    <span class="remark">{{row.remark}}</span>{{/row.remark}}
    <span class="kind">{{row.comparison}}</span> <span class="quiet">version {{version}}</span>\
    {{#row.trendDrawing}} {{{row.trendDrawing}}}{{/row.trendDrawing}}</p>
    <p class="reason">{{reasonGiven}}</p>
    <dl class="facts">
    {{#facts}}
    <div><dt>{{name}}</dt><dd>{{text}}</dd></div>
    {{/facts}}
    </dl>
    <p class="label">Run it</p>
    <pre class="command"><code>{{command}}</code></pre>
    {{#seedTable}}
    <details><summary>Every seed</summary>
    <div class="scrolling" role="region" tabindex="0" aria-label="Seeds of {{row.id}}">
    <table class="plain">
    <thead><tr>{{#columns}}<th scope="col" class="number">{{.}}</th>{{/columns}}</tr></thead>
    <tbody>
    {{#seeds}}
    <tr>{{#.}}<td class="number">{{.}}</td>{{/.}}</tr>
    {{/seeds}}
    </tbody>
    </table>
    </div>
    </details>
    {{/seedTable}}
    {{#configuration}}
    <details><summary>Configuration</summary>
    <dl class="facts">
    {{#entries}}
    <div><dt>{{name}}</dt><dd>{{text}}</dd></div>
    {{/entries}}
    </dl>
    </details>
    {{/configuration}}
    {{#provenance}}
    <details><summary>Provenance</summary>
    <dl class="facts">
    {{#entries}}
    <div><dt>{{name}}</dt><dd>{{text}}</dd></div>
    {{/entries}}
    </dl>
    </details>
    {{/provenance}}
    {{#runs}}
    <details><summary>Earlier runs</summary>
    <p>{{trendWords}}</p>
    <div class="scrolling" role="region" tabindex="0" aria-label="Earlier runs of {{row.id}}">
    <table class="plain">
    <thead><tr><th scope="col">date</th><th scope="col">commit</th>\
    <th scope="col">root seed</th><th scope="col">tier</th><th scope="col">version</th><th scope="col">mean</th>\
    <th scope="col">verdict</th></tr></thead>
    <tbody>
    {{#recorded}}
    <tr>{{#.}}<td>{{.}}</td>{{/.}}</tr>
    {{/recorded}}
    </tbody>
    </table>
    </div>
    </details>
    {{/runs}}
    <ul class="downloads">
    {{#files}}
    <li><a href="{{address}}" download>{{name}}</a></li>
    {{/files}}
    </ul>
    </article>
    {{/claims}}
    </section>
    {{#hasFigures}}

    <section aria-labelledby="figures">
    <h2 id="figures">Figures of the run</h2>
    <p>Drawn with the records above; what the note shows already, to the byte, is left out, and what it shows of its
    reference run comes last. Point at a mark for its value; the same numbers are in the CSV.</p>
    {{#missingFigures}}
    <p>The records name figures that the evidence does not hold: {{missingFigures}}.</p>
    {{/missingFigures}}
    {{#figures}}
    {{{.}}}
    {{/figures}}
    {{#figuresOfNote}}
    <details><summary>The figures of the note, as this run drew them</summary>
    {{#figures}}
    {{{.}}}
    {{/figures}}
    </details>
    {{/figuresOfNote}}
    </section>
    {{/hasFigures}}
    """
}
