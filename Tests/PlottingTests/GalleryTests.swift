import Foundation
import Testing

@testable import Plotting

@Suite("Gallery")
struct GalleryTests {
  @Test("No text of any figure touches another or leaves the canvas", arguments: Gallery.entries)
  func layoutIsClean(entry: Gallery.Entry) {
    #expect(entry.figure.layoutIssues() == [])
  }

  @Test("Every figure is written where PLOTTING_GALLERY says, in both themes")
  func written() throws {
    guard let path = ProcessInfo.processInfo.environment["PLOTTING_GALLERY"] else { return }
    let folder = URL(filePath: path)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for entry in Gallery.entries {
      for theme in [Theme.automatic, .dark] {
        var figure = entry.figure
        figure.theme = theme
        let name = theme == .dark ? entry.name + "-dark" : entry.name
        try figure.svg.write(to: folder.appending(path: name + ".svg"), atomically: true, encoding: .utf8)
      }
    }
  }
}
