// What the page of a paper takes from the folder of the paper and from the evidence: the note, figures, records, archives.

import Foundation

/// Collects the page of a paper and the files that it links to.
struct PaperFiles {
  private let sources: SiteSources
  private let paper: Paper
  /// The files that the page links to, by their path in the site.
  private(set) var files: [String: Data] = [:]
  /// The paths, from the page, of the published files beside it.
  private var published: Set<String> = []
  /// The drawings that the note shows, and the names of their figures.
  private var shownDrawings: Set<Data> = []
  private var shownNames: Set<String> = []
  /// Why claims have no archive.
  private(set) var archiveProblems: [String] = []

  init(sources: SiteSources, paper: Paper) {
    self.sources = sources
    self.paper = paper
  }

  /// The content of the page; the files it links to are then in `files`.
  mutating func body() throws -> String {
    let root = SitePath.root(from: SitePath.paper(paper.key))
    takePublishedFiles()
    let note = try note()
    let rows = sources.rows(of: paper)
    var claims: [ClaimView] = []
    for row in rows {
      takeRecord(of: row)
      claims.append(ClaimView(row, sources: sources, root: root, archives: try takeArchives(of: row.claim)))
    }
    var figures: [FigureView] = []
    var again: [FigureView] = []
    var missing: [String] = []
    for figure in sources.figures(of: rows) {
      guard let (view, drawing) = takeFigure(figure, root: root) else {
        missing.append(figure.name)
        continue
      }
      if shownDrawings.contains(drawing) { continue }
      if shownNames.contains(figure.name) { again.append(view) } else { figures.append(view) }
    }
    let page = PaperPage(
      paper: paper, claims: claims, note: note, figures: figures, figuresOfNote: again, missing: missing,
      files: ["claims.yaml", "results.json"].filter(published.contains).map { .init(address: $0, name: $0) })
    return try page.body()
  }

  private func bytes(of name: String) -> Data? {
    try? Data(contentsOf: sources.papers.appending(components: paper.key, name))
  }

  /// The note as HTML, without its title, which is the page's.
  private mutating func note() throws -> String? {
    guard let text = bytes(of: "README.md") else { return nil }
    var blocks = MarkdownParser.blocks(of: String(decoding: text, as: UTF8.self))
    if case .heading(1, _) = blocks.first { blocks.removeFirst() }
    // The renderer cannot throw, nor change what it does not own: images are looked up before it runs.
    var figures: [String: FigureView] = [:]
    for source in blocks.flatMap(\.images) where published.contains(source) && source.hasSuffix(".svg") {
      guard let drawing = files[SitePath.paper(paper.key, file: source)] else { continue }
      let csv = "\(source.dropLast(3))csv"
      shownDrawings.insert(drawing)
      shownNames.insert(URL(filePath: source).deletingPathExtension().lastPathComponent)
      figures[source] = FigureView(drawing: drawing, svg: source, csv: published.contains(csv) ? csv : nil)
    }
    let shown = try figures.mapValues { try $0.html() }
    let keys = Set(sources.papersWithClaims.map(\.key))
    let renderer = MarkdownHTML(
      headingShift: 1, address: { [published] in Self.address($0, published: published, papers: keys) },
      figure: { source, _ in shown[source] })
    return renderer.html(blocks)
  }

  /// Where a link of a note leads from the page; nil for files that are not in the site.
  private static func address(_ destination: String, published: Set<String>, papers: Set<String>) -> String? {
    if destination.hasPrefix("http://") || destination.hasPrefix("https://") { return destination }
    if destination.hasPrefix("#") { return "#note-\(destination.dropFirst())" }
    if published.contains(destination) { return destination }
    guard let match = destination.wholeMatch(of: /\.\.\/([A-Za-z0-9_-]+)\/(README\.md)?/) else { return nil }
    let key = String(match.output.1)
    return papers.contains(key) ? "../\(key)/index.html" : nil
  }

  /// Takes the claims, the results of the reference run and the published figures.
  private mutating func takePublishedFiles() {
    let folder = sources.papers.appending(components: paper.key, "figures")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let figures = names.filter { $0.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9-]*\.(svg|csv)/) != nil }
    for path in ["claims.yaml", "results.json"] + figures.map({ "figures/\($0)" }) {
      guard let data = bytes(of: path) else { continue }
      files[SitePath.paper(paper.key, file: path)] = data
      published.insert(path)
    }
  }

  private mutating func takeRecord(of row: Board.Row) {
    guard let record = sources.records[row.claim.id] else { return }
    let file = sources.evidence.recordFile(finding: row.claim.finding, claim: row.claim.id)
    if let data = sources.leavesOutTimes ? try? record.encoded() : try? Data(contentsOf: file) {
      files[SitePath.evidence(row.claim.finding, file.lastPathComponent)] = data
    }
  }

  /// The names of a claim's archives: one that is packed here if archives are asked for, and those beside its record.
  private mutating func takeArchives(of claim: Claim) throws -> [String] {
    if sources.isBundling, sources.records[claim.id] != nil {
      do {
        let name = "\(claim.id).\(ArchiveFormat.tarZstandard.rawValue)"
        let bundle = try EvidenceBundle(of: claim, evidence: sources.evidence, papers: sources.papers)
        files[SitePath.evidence(claim.finding, name)] = try bundle.archive()
        return [name]
      } catch let problem as BundleError {
        archiveProblems.append(problem.description)
        return []
      }
    }
    return ArchiveFormat.allCases.compactMap { format in
      let name = "\(claim.id).\(format.rawValue)"
      let file = sources.evidence.folder.appending(components: claim.finding, name)
      guard let data = try? Data(contentsOf: file) else { return nil }
      files[SitePath.evidence(claim.finding, name)] = data
      return name
    }
  }

  private mutating func takeFigure(_ figure: FigureName, root: String) -> (FigureView, Data)? {
    // The name comes from a record, and is not to lead out of the evidence.
    guard figure.name.wholeMatch(of: /[A-Za-z0-9-]+/) != nil else { return nil }
    func take(_ suffix: String) -> (path: String, data: Data)? {
      let file = sources.evidence.figureFile(finding: figure.finding, name: figure.name, extension: suffix)
      guard let data = try? Data(contentsOf: file) else { return nil }
      let path = SitePath.evidence(figure.finding, file.lastPathComponent)
      files[path] = data
      return (path, data)
    }
    guard let svg = take("svg") else { return nil }
    return (FigureView(drawing: svg.data, svg: root + svg.path, csv: take("csv").map { root + $0.path }), svg.data)
  }
}

extension MarkdownBlock {
  /// The sources of the images in the block.
  fileprivate var images: [String] {
    switch self {
    case .paragraph(let inlines):
      inlines.compactMap { if case .image(let source, _) = $0 { source } else { nil } }
    case .quote(let blocks): blocks.flatMap(\.images)
    case .list(_, _, let items): items.joined().flatMap(\.images)
    case .heading, .code, .table, .rule: []
    }
  }
}
