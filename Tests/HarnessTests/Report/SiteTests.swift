import Foundation
import Testing

@testable import Replications

@Suite("The site") struct SiteTests {
  @Test("every claim is on the board and on the page of its paper, with all that the claims file says of it")
  func everyClaim() async throws {
    try await withDemoSite { site, library in
      let board = try text(site, "index.html")
      let page = try text(site, "papers/doe2020demo/index.html")
      for claim in library.claims {
        #expect(board.contains("<a href=\"papers/doe2020demo/index.html#\(claim.id)\"><code>\(claim.id)</code></a>"))
        #expect(page.contains("<article class=\"claim\" id=\"\(claim.id)\""))
        for words in [claim.statement, claim.source, claim.metric, claim.rationale, claim.control] {
          #expect(page.contains(HTML.escape(words)), "\(claim.id): \(words)")
        }
      }
      #expect(board.matches(of: /<tr role="row" data-state=/).count == library.claims.count)
    }
  }

  @Test("a row shows verdict, kind of comparison, published, margin, measured, seeds and time")
  func row() async throws {
    try await withDemoSite { site, _ in
      let board = try text(site, "index.html")
      let row = try #require(
        board.split(separator: "<tr role=\"row\"").first { $0.contains("<code>demo.pentagon.gaps") })
      for words in [
        "data-state=\"reproduced\" data-comparison=\"number\"",
        "<span class=\"verdict reproduced\"><span aria-hidden=\"true\">✓</span> reproduced</span>",
        "<span class=\"kind\">number</span>", "published\">72 <span class=\"unit\">degrees</span>",
        "margin or bound\">± 1<",
        "<strong>72.5</strong> <span class=\"interval\">[72.5, 72.5]</span>", "seeds\">5<",
      ] { #expect(row.contains(words), "\(words)") }
      #expect(row.contains(/data-label="time">[0-9.e-]+ s</))
    }
  }

  @Test("a claim that is not reproduced says why, and one that was not run says so")
  func reasons() async throws {
    try await withDemoSite { site, _ in
      let board = try text(site, "index.html")
      #expect(board.contains("<span class=\"remark\">as expected</span><span class=\"reason\">"))
      #expect(board.contains("<span class=\"reason\">there is no record of it</span>"))
    }
  }

  @Test("the page of a paper gives the command, the seeds, the configuration, where it was run and the files")
  func details() async throws {
    try await withDemoSite { site, _ in
      let page = try text(site, "papers/doe2020demo/index.html")
      for words in [
        "swift run replicate run demo.pentagon.gaps --root-seed 7 --tier standard</code>",
        "swift run replicate run demo.bound --root-seed 0 --tier long</code>",
        "<tr><td class=\"number\">4</td><td class=\"number\">72.5</td><td class=\"number\">90</td></tr>",
        "<div><dt>sizes</dt><dd>5, 2</dd></div>", "<div><dt>OpenBLAS</dt><dd>",
        "<div><dt>commit</dt><dd>unknown</dd></div>",
        "<a href=\"../../evidence/Demo/demo.pentagon.gaps.json\" download>",
        "<a href=\"../../evidence/Demo/demo.pentagon.gaps.tar.zst\" download>",
        "data=\"../../evidence/Demo/Pentagon-more.svg\"", "<a href=\"../../evidence/Demo/Pentagon-more.csv\"",
      ] { #expect(page.contains(words), "\(words)") }
    }
  }

  @Test("the note is there with its figures; links lead within the site or to the web, and others are text")
  func note() async throws {
    try await withDemoSite { site, _ in
      let page = try text(site, "papers/doe2020demo/index.html")
      #expect(page.contains("<h3 id=\"note-what-comes-out\">What comes out</h3>"))
      #expect(!page.contains("id=\"note-a-title\""))
      #expect(page.contains("data=\"figures/Pentagon.svg\""))
      #expect(page.contains("style=\"width:600px;min-width:600px;aspect-ratio:600/300\""))
      #expect(page.contains("<a href=\"claims.yaml\">the claims</a>"))
      #expect(page.contains("<p>See the code.</p>"))
      #expect(page.contains("<p>The <a href=\"figures/Pentagon.csv\">numbers</a> and the other paper.</p>"))
      // The figure of the note is not shown again among those of the run, whose other figure is.
      #expect(page.matches(of: #/<object /#).count == 2)
      for path in ["papers/doe2020demo/figures/Pentagon.svg", "papers/doe2020demo/figures/Pentagon.csv"] {
        #expect(site.files[path] != nil)
      }
    }
  }

  @Test("every link and every object leads to a file of the site, and every fragment to an identifier")
  func links() async throws {
    try await withDemoSite { site, _ in
      for (path, data) in site.files where path.hasSuffix(".html") {
        let page = String(decoding: data, as: UTF8.self)
        for match in page.matches(of: /(?:href|data)="([^"]*)"/) {
          let address = String(match.output.1)
          guard !address.hasPrefix("https://"), !address.hasPrefix("data:") else { continue }
          let parts = address.split(separator: "#", omittingEmptySubsequences: false).map(String.init)
          let target = parts[0].isEmpty ? path : path.following(parts[0])
          let file = try #require(site.files[target], "\(path): \(address)")
          if parts.count > 1 {
            #expect(String(decoding: file, as: UTF8.self).contains("id=\"\(parts[1])\""), "\(address)")
          }
        }
      }
    }
  }

  @Test("whatever stands in claims, notes, records and history stays text")
  func hostile() async throws {
    let hostile = "\"><script>alert(1)</script>\u{338}'&amp; {{id}} \"\u{338} onclick=x"
    try await withDemoSite(replacing: [
      "Five features form a regular pentagon.": hostile, "twice the rounding": hostile,
    ]) {
      site, _ in
      for (path, data) in site.files where path.hasSuffix(".html") {
        let page = String(decoding: data, as: UTF8.self)
        #expect(tagProblems(in: page) == [], "\(path)")
        #expect(!page.contains("<script>alert"))
      }
      let board = try text(site, "index.html")
      #expect(board.contains(HTML.escape(hostile)))
    }
  }

  @Test("pages fetch nothing from outside, and run no script but the board's own")
  func selfContained() async throws {
    try await withDemoSite { site, _ in
      for (path, data) in site.files where path.hasSuffix(".html") {
        let page = String(decoding: data, as: UTF8.self)
        #expect(page.contains("default-src &#39;none&#39;"))
        #expect(!page.contains(/<(script|img|iframe|link|object)[^>]*(src|href|data)="(https?:)?\/\//))
        #expect(page.matches(of: /<script>/).count == (path == "index.html" ? 1 : 0))
      }
    }
  }

  @Test("the same evidence gives the same bytes, wherever it lies")
  func deterministic() async throws {
    try await withDemoEvidence { folder, library in
      let elsewhere = folder.appending(path: "elsewhere")
      try FileManager.default.copyItem(at: folder.appending(path: "evidence"), to: elsewhere)
      try elsewhere.write("{", to: "Demo/demo.theorem.json")
      try folder.appending(path: "evidence").write("{", to: "Demo/demo.theorem.json")
      let sites = try [folder.appending(path: "evidence"), elsewhere, elsewhere].map { evidence in
        try Site(library: library, evidence: Evidence(folder: evidence), papers: folder.appending(path: "papers"))
      }
      #expect(sites[0] == sites[1] && sites[1] == sites[2])
    }
  }

  @Test("without evidence there is still a board, and it says that nothing was run")
  func empty() async throws {
    try await withTemporaryFolder { folder in
      let library = Library.demo([.demo()])
      let site = try Site(library: library, evidence: Evidence(folder: folder), papers: folder)
      #expect(try text(site, "index.html").contains("from no records: nothing has been run yet."))
      #expect(site.files.keys.filter { $0.hasPrefix("evidence/") }.isEmpty)
    }
  }

  @Test("a figure that a record names and the evidence lacks is named")
  func missingFigure() async throws {
    try await withDemoEvidence { folder, library in
      try FileManager.default.removeItem(at: folder.appending(path: "evidence/Demo/Pentagon-more.svg"))
      let site = try Site(
        library: library, evidence: Evidence(folder: folder.appending(path: "evidence")),
        papers: folder.appending(path: "papers"))
      let page = try text(site, "papers/doe2020demo/index.html")
      #expect(page.contains("figures that the evidence does not hold: Pentagon-more."))
    }
  }

  @Test("a record that names a file elsewhere does not bring it into the site")
  func traversal() async throws {
    try await withDemoEvidence { folder, library in
      try folder.write("secret", to: "secret.svg")
      let file = folder.appending(path: "evidence/Demo/demo.pentagon.gaps.json")
      let record = try String(contentsOf: file, encoding: .utf8)
      try Data(record.replacing("\"Pentagon\"", with: "\"../../secret\"").utf8).write(to: file)
      let site = try Site(
        library: library, evidence: Evidence(folder: folder.appending(path: "evidence")),
        papers: folder.appending(path: "papers"))
      #expect(site.files.keys.allSatisfy { !$0.contains("..") && !$0.contains("secret") })
      #expect(try text(site, "papers/doe2020demo/index.html").contains("does not hold: ../../secret."))
    }
  }

  @Test("with a history there is a trend, without one there is no column for it")
  func trend() async throws {
    try await withDemoEvidence { folder, library in
      let run = Trends.Run(
        date: "2026-11-01T00:00:00Z", commit: "abc", rootSeed: 41, tier: .long, claim: "demo.order", version: 2,
        mean: 0.5, verdict: .reproduced)
      let evidence = Evidence(folder: folder.appending(path: "evidence"))
      let papers = folder.appending(path: "papers")
      let with = try Site(library: library, evidence: evidence, papers: papers, history: Trends(runs: [run]))
      let without = try Site(library: library, evidence: evidence, papers: papers)
      #expect(try text(with, "index.html").matches(of: /<svg class="sparkline"/).count == 1)
      #expect(
        try text(with, "papers/doe2020demo/index.html").contains("1 recorded run: 1 reproduced; means from 0.5 to 0.5"))
      let page = try text(with, "papers/doe2020demo/index.html")
      #expect(page.contains("<td>abc</td><td>41</td><td>long</td><td>2</td>"))
      #expect(!(try text(without, "index.html").contains("trend</th>")))
    }
  }

  @Test("a figure of the note that this run drew otherwise is there as this run's, folded away")
  func figuresOfNote() async throws {
    try await withDemoEvidence { folder, library in
      let file = folder.appending(path: "evidence/Demo/Pentagon.svg")
      let drawn = try String(contentsOf: file, encoding: .utf8)
      try Data(drawn.replacing("class=\"x\"", with: "class=\"y\"").utf8).write(to: file)
      let site = try Site(
        library: library, evidence: Evidence(folder: folder.appending(path: "evidence")),
        papers: folder.appending(path: "papers"))
      let page = try text(site, "papers/doe2020demo/index.html")
      let parts = page.split(separator: "<details><summary>The figures of the note, as this run drew them</summary>")
      #expect(parts.count == 2 && page.matches(of: #/<object /#).count == 3)
      #expect(parts.last?.contains("data=\"../../evidence/Demo/Pentagon.svg\"") == true)
      #expect(parts.last?.contains("Pentagon-more") == false)
    }
  }

  @Test("every badge is in the site")
  func badges() async throws {
    try await withDemoSite { site, _ in
      #expect(
        site.files.keys.filter { $0.hasPrefix("badges/") }.sorted() == [
          "badges/Demo.json", "badges/Demo.svg", "badges/total.json", "badges/total.svg",
        ])
      let total = try text(site, "badges/total.svg")
      #expect(total.contains("2 of 4 reproduced"))
    }
  }

  @Test("if asked for, the evidence of each claim is packed, and a claim that was changed since says why it is not")
  func archives() async throws {
    try await withDemoEvidence { folder, library in
      let evidence = Evidence(folder: folder.appending(path: "evidence"))
      let papers = folder.appending(path: "papers")
      let site = try Site(library: library, evidence: evidence, papers: papers, isBundling: true)
      #expect(site.archiveProblems == [])
      let path = "evidence/Demo/demo.theorem.tar.zst"
      let archive = folder.appending(path: "x.tar.zst")
      try #require(site.files[path]).write(to: archive)
      #expect(try EvidenceBundle(contentsOf: archive).problems() == [])
      #expect(try text(site, "papers/doe2020demo/index.html").contains("<a href=\"../../\(path)\" download>"))
      #expect(site.files["evidence/Demo/demo.bound.tar.zst"] == nil)

      let reworded = demoClaimsFile.replacing("metric: sum", with: "metric: total")
      try folder.write(reworded, to: "papers/doe2020demo/claims.yaml")
      let changed = try Site(
        library: try Workspace(root: folder).library(), evidence: evidence, papers: papers, isBundling: true)
      #expect(changed.files[path] == nil && changed.archiveProblems.count == 1)
      #expect(changed.archiveProblems.first?.hasSuffix("which differs in metric") == true)
    }
  }

  @Test("the same run at another time, on a machine of another name, gives the same bytes where times are left out")
  func withoutTimes() async throws {
    try await withDemoEvidence { folder, library in
      let evidence = Evidence(folder: folder.appending(path: "evidence"))
      func site(leavesOutTimes: Bool) throws -> Site {
        try Site(
          library: library, evidence: evidence, papers: folder.appending(path: "papers"), isBundling: true,
          leavesOutTimes: leavesOutTimes)
      }
      let before = (try site(leavesOutTimes: true), try site(leavesOutTimes: false))
      for stored in try evidence.storedRecords() {
        var environment = stored.record.environment
        environment.date = "2031-02-03T04:05:06Z"
        environment.seconds += 7
        environment.host = "elsewhere"
        environment.jobs += 1
        let record = stored.record
        try evidence.write(
          Record(
            schemaVersion: record.schemaVersion, claim: record.claim, verdict: record.verdict,
            experiment: record.experiment, measurement: record.measurement, assets: record.assets,
            figures: record.figures, environment: environment))
      }
      #expect(try site(leavesOutTimes: true) == before.0)
      let after = try site(leavesOutTimes: false)
      #expect(after != before.1)
      let archive = "evidence/Demo/demo.theorem.tar.zst"
      #expect(after.files[archive] == before.1.files[archive], "archives never tell the time")
    }
  }

  @Test("the forest plot keeps kinds of comparison apart and can be read")
  func forest() async throws {
    try await withDemoSite { site, library in
      let rows = Board(library.claims, evidence: Evidence(folder: URL(filePath: "/nowhere"))).rows
      for comparison in Comparison.allCases {
        let csv = try text(site, "forest-\(comparison.rawValue).csv")
        for claim in library.claims where claim.comparison != comparison { #expect(!csv.contains(claim.id)) }
        let figure = try #require(StandardizedForest(rows, comparison: comparison).figure)
        #expect(figure.layoutIssues() == [])
      }
      // 72.5 measured, 72 ± 1 published: half a margin off.
      #expect(try text(site, "forest-number.csv").contains(/interval,measured,0\.5,/))
    }
  }

  private func text(_ site: Site, _ path: String) throws -> String {
    String(decoding: try #require(site.files[path], "\(path)"), as: UTF8.self)
  }

  private func withDemoSite(
    replacing changes: [String: String] = [:], _ body: (Site, Library) async throws -> Void
  ) async throws {
    try await withDemoEvidence(replacing: changes) { folder, library in
      let site = try Site(
        library: library, evidence: Evidence(folder: folder.appending(path: "evidence")),
        papers: folder.appending(path: "papers"))
      try await body(site, library)
    }
  }
}

extension String {
  /// Where a relative address leads from this path.
  fileprivate func following(_ address: String) -> String {
    var folders = split(separator: "/").dropLast()
    for part in address.split(separator: "/") {
      if part == ".." { folders.removeLast() } else { folders.append(part) }
    }
    return folders.joined(separator: "/")
  }
}
