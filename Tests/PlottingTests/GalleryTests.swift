import Foundation
import Testing

@testable import Plotting

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Gallery")
struct GalleryTests {
  static let all: [Gallery.Entry] = Gallery.entries + Gallery.stress

  @Test("No text of any figure touches another or leaves the canvas", arguments: all)
  func layoutIsClean(entry: Gallery.Entry) {
    #expect(entry.figure.layoutIssues() == [])
  }

  @Test("Every figure is well-formed XML in every theme", arguments: all)
  func isWellFormed(entry: Gallery.Entry) {
    for theme in Theme.allCases {
      var figure = entry.figure
      figure.theme = theme
      let parser = XMLParser(data: Data(figure.svg.utf8))
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
    }
  }

  @Test("Every figure has the same bytes each time, and only numbers SVG can read", arguments: all)
  func isDeterministic(entry: Gallery.Entry) {
    let svg = entry.figure.svg
    #expect(svg == entry.figure.svg)
    #expect(entry.figure.csv == entry.figure.csv)
    for word in ["\"nan", "\"inf", "NaN\"", "\"-inf", "e-", "e+"] {
      let attributes = svg.split(separator: "\n").filter { !$0.contains("<text") && !$0.contains("<title") }
      #expect(!attributes.contains { $0.contains("=\"\(word)") || $0.contains("=\(word)") })
    }
  }

  @Test("Every figure can be drawn for a dark page without moving anything", arguments: all)
  func themesDifferInColourOnly(entry: Gallery.Entry) {
    var dark = entry.figure
    dark.theme = .dark
    #expect(dark.size == entry.figure.size)
    #expect(dark.csv == entry.figure.csv)
    #expect(dark.svg != entry.figure.svg)
  }

  @Test("Every figure is written where PLOTTING_GALLERY says, in both themes")
  func written() throws {
    guard let path = ProcessInfo.processInfo.environment["PLOTTING_GALLERY"] else { return }
    let folder = URL(filePath: path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for entry in Self.all {
      for theme in [Theme.automatic, .dark] {
        var figure = entry.figure
        figure.theme = theme
        let name = theme == .dark ? entry.name + "-dark" : entry.name
        try figure.svg.write(to: folder.appending(path: name + ".svg"), atomically: true, encoding: .utf8)
      }
    }
  }
}
