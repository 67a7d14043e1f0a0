// `replicate models fetch`: get outside models and data into the cache.

import ArgumentParser
import Foundation
import Replications

/// Fetches assets.
struct ModelsFetch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fetch", abstract: "Fetch models and data into the cache, resuming what was begun.",
    discussion: """
      What is there already with the stated bytes is left alone. A file whose SHA-256 is not the stated one is refused. \
      Exit codes: 0 all are there; 3 some could not be fetched.
      """)

  @Argument(help: "The ids of assets; unless given, those that claims need.")
  var ids: [String] = []

  @Flag(help: "Fetch the whole catalogue but what cannot be downloaded.")
  var all = false

  @Option(
    help: ArgumentHelp(
      "A folder, or a file://, http:// or https:// address, that has the files under their paths in the catalogue.",
      valueName: "mirror"))
  var from: String?

  @Option(help: ArgumentHelp("Break a transfer off that brings nothing for so long, and resume it.", valueName: "s"))
  var stallLimit = 30

  @Option(help: "How often to try each file.")
  var attempts = 4

  @OptionGroup var workspace: WorkspaceOptions

  mutating func validate() throws {
    if all, !ids.isEmpty { throw ValidationError("--all fetches everything: name no assets beside it.") }
    if !(1...3600).contains(stallLimit) { throw ValidationError("--stall-limit must be from 1 to 3600.") }
    if !(1...100).contains(attempts) { throw ValidationError("--attempts must be from 1 to 100.") }
  }

  mutating func run() throws {
    let catalogue = try Catalogue(workspace.workspace())
    let wanted = try chosen(from: catalogue)
    if wanted.isEmpty { write("no claim needs any; name assets, or use --all") }
    guard let cache = catalogue.assets.folders.first else { return }
    let fetcher = AssetFetcher(
      into: cache, mirror: from.map(AssetMirror.init), attempts: attempts, stallLimit: stallLimit)
    var failed = 0
    for asset in wanted {
      if let file = try? catalogue.assets.file(asset.id) {
        write("\(asset.id): is there, \(file.path)")
        continue
      }
      let line = FetchLine(asset)
      do throws(FetchError) {
        let file = try fetcher.fetch(asset) { line?.show($0) }
        line?.clear()
        write("\(asset.id): \(sizeWords(asset.bytes)), \(file.path)")
      } catch {
        line?.clear()
        failed += 1
        write("error: \(error)", to: .standardError)
      }
    }
    if failed > 0 { throw ExitCode(3) }
  }

  private func chosen(from catalogue: Catalogue) throws -> [Asset] {
    if all { return catalogue.all.filter { from != nil || $0.derivation == nil } }
    if !ids.isEmpty { return try catalogue.assets(ids) }
    // What cannot be downloaded is asked for only where a mirror may have it.
    return catalogue.all.filter { !catalogue.claims(needing: $0).isEmpty && (from != nil || $0.derivation == nil) }
  }
}

/// A line on the terminal that says how far a download has come.
private final class FetchLine {
  private let asset: Asset
  private var shown = ContinuousClock.now - .seconds(1)

  /// Creates a line; nil where the standard error is not a terminal.
  init?(_ asset: Asset) {
    guard isatty(STDERR_FILENO) == 1 else { return nil }
    self.asset = asset
  }

  /// Shows the progress, at most ten times a second.
  func show(_ progress: FetchProgress) {
    guard shown.duration(to: .now) > .milliseconds(100) else { return }
    shown = .now
    let percent = progress.expected > 0 ? 100 * progress.received / progress.expected : 100
    let words = "\(asset.id): \(percent) % of \(sizeWords(progress.expected))"
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K\(words)".utf8))
  }

  /// Takes the line away.
  func clear() {
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1b}[K".utf8))
  }
}
