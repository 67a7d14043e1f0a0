// The board: every claim of every paper on one page, with a filter for those whose browser runs scripts.

import Foundation

/// The first page of the site.
struct BoardPage {
  let sources: SiteSources

  /// The content of the page.
  func body() throws -> String {
    let papers = sources.papersWithClaims.map { paper in
      PaperView(
        key: paper.key, title: paper.title, address: SitePath.paper(paper.key), source: paper.url,
        authors: paper.shortAuthors, year: String(paper.year),
        rows: sources.rows(of: paper).map { RowView($0, history: sources.history) })
    }
    let used = Comparison.allCases.filter { kind in sources.rows.contains { $0.claim.comparison == kind } }
    let states = Verdict.Outcome.allCases.filter { outcome in sources.rows.contains { $0.outcome == outcome } }
    let tallies = states.map { outcome in
      TallyView(
        state: outcome.rawValue, symbol: outcome.symbol, verdict: outcome.words,
        counts: used.map { kind in
          let count = sources.rows.count { $0.outcome == outcome && $0.claim.comparison == kind }
          return CountView(kind: kind.rawValue, number: String(count))
        })
    }
    let kinds = used.map { KindView(kind: $0.rawValue, meaning: $0.meaning) }
    let view = View(
      claimCount: "\(sources.rows.count) \(sources.rows.count == 1 ? "claim" : "claims")",
      paperCount: "\(papers.count) \(papers.count == 1 ? "paper" : "papers")", papers: papers, kinds: kinds,
      tallies: tallies, hasTrend: sources.history != nil)
    return try HTML.render(Self.template, view)
  }

  private struct View {
    let claimCount: String
    let paperCount: String
    let papers: [PaperView]
    let kinds: [KindView]
    let tallies: [TallyView]
    let hasTrend: Bool
  }

  private struct PaperView {
    let key: String
    let title: String
    let address: String
    let source: String
    let authors: String
    let year: String
    let rows: [RowView]
  }

  private struct KindView {
    let kind: String
    let meaning: String
  }

  private struct TallyView {
    let state: String
    let symbol: String
    let verdict: String
    let counts: [CountView]
  }

  private struct CountView {
    let kind: String
    let number: String
  }

  private static let template = """
    <h1>What replicates</h1>
    <p class="lead">{{claimCount}} of {{paperCount}}, each decided by a rule that was fixed beforehand. A claim is
    <em>reproduced</em> when the measurement agrees with what was published <em>and</em> its control fails under the same
    rule, as it must.</p>

    <section aria-labelledby="counts">
    <h2 id="counts">Counts</h2>
    <div class="overview">
    <div class="scrolling" role="region" tabindex="0" aria-label="Counts of verdicts">
    <table class="plain">
    <thead><tr><th scope="col">verdict</th>{{#kinds}}<th scope="col" class="number">{{kind}}</th>{{/kinds}}</tr></thead>
    <tbody>
    {{#tallies}}
    <tr><th scope="row"><span class="verdict {{state}}"><span aria-hidden="true">{{symbol}}</span> {{verdict}}</span></th>\
    {{#counts}}<td class="number">{{number}}</td>{{/counts}}</tr>
    {{/tallies}}
    </tbody>
    </table>
    </div>
    <div>
    <p>A claim is compared in one of these ways, and counts of one are never added to those of another.</p>
    <dl class="kinds">
    {{#kinds}}
    <div><dt><span class="kind">{{kind}}</span></dt><dd>{{meaning}}</dd></div>
    {{/kinds}}
    </dl>
    </div>
    </div>
    </section>

    <section aria-labelledby="claims">
    <h2 id="claims">Claims</h2>
    <form id="filter" class="filter" role="search" aria-label="Filter the claims" hidden>
    <p><label for="filter-text">Words in a claim</label>
    <input id="filter-text" type="search" autocomplete="off" spellcheck="false"></p>
    <fieldset><legend>Verdict</legend>
    {{#tallies}}
    <label><input type="checkbox" name="state" value="{{state}}" checked>
    <span class="verdict {{state}}"><span aria-hidden="true">{{symbol}}</span> {{verdict}}</span></label>
    {{/tallies}}
    </fieldset>
    <fieldset><legend>Compared by</legend>
    {{#kinds}}
    <label><input type="checkbox" name="comparison" value="{{kind}}" checked> <span class="kind">{{kind}}</span></label>
    {{/kinds}}
    </fieldset>
    <p><output id="filter-result" for="filter-text"></output> <button type="reset">Show all</button></p>
    </form>
    {{#papers}}
    <section class="paper" aria-labelledby="paper-{{key}}">
    <h3 id="paper-{{key}}"><a href="{{address}}">{{title}}</a></h3>
    <p class="by">{{authors}}, {{year}}. <a href="{{source}}">The paper</a></p>
    <table class="claims" role="table" aria-labelledby="paper-{{key}}">
    <thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">claim</th>
    <th role="columnheader" scope="col">verdict</th><th role="columnheader" scope="col">compared by</th>
    <th role="columnheader" scope="col">published</th><th role="columnheader" scope="col">margin or bound</th>
    <th role="columnheader" scope="col">measured, 90 % interval</th>
    <th role="columnheader" scope="col"><abbr title="number of seeds">n</abbr></th>
    <th role="columnheader" scope="col">time</th>{{#hasTrend}}
    <th role="columnheader" scope="col">trend</th>{{/hasTrend}}</tr></thead>
    <tbody role="rowgroup">
    {{#rows}}
    <tr role="row" data-state="{{state}}" data-comparison="{{comparison}}">
    <th role="rowheader" scope="row"><a href="{{page}}#{{id}}"><code>{{id}}</code></a> <span class="statement">{{statement}}</span></th>
    <td role="cell" data-label="verdict"><span class="verdict {{state}}"><span aria-hidden="true">{{symbol}}</span> {{verdict}}</span>\
    {{#remark}} <span class="remark">{{remark}}</span>{{/remark}}{{#reasonShown}}<span class="reason">{{reasonShown}}</span>{{/reasonShown}}</td>
    <td role="cell" data-label="compared by"><span class="kind">{{comparison}}</span></td>
    <td role="cell" data-label="published">{{published}}{{#publishedUnit}} <span class="unit">{{publishedUnit}}</span>{{/publishedUnit}}</td>
    <td role="cell" data-label="margin or bound">{{margin}}</td>
    <td role="cell" data-label="measured"><strong>{{measured}}</strong>{{#interval}} <span class="interval">{{interval}}</span>{{/interval}}</td>
    <td role="cell" data-label="seeds">{{count}}</td>
    <td role="cell" data-label="time">{{time}}</td>{{#hasTrend}}
    <td role="cell" data-label="trend">{{#trendDrawing}}{{{trendDrawing}}}{{/trendDrawing}}{{^trendDrawing}}–{{/trendDrawing}}</td>{{/hasTrend}}
    </tr>
    {{/rows}}
    </tbody>
    </table>
    </section>
    {{/papers}}
    </section>

    <section aria-labelledby="downloads">
    <h2 id="downloads">Downloads</h2>
    <p>The board as data: <a href="board.json" download>board.json</a>. The record of each claim, with the value of every
    seed, is linked from the page of its paper.</p>
    </section>
    """
}
