// `replicate models`: outside models and data that some claims need.

import ArgumentParser
import Foundation
import Replications

/// The catalogue of outside models and data, and the cache of those that are here.
struct Models: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Outside models and data that some claims need: list, fetch, verify.",
    discussion: """
      fixtures/assets.yaml states them. Files lie under REPLICATIONS_MODELS or, where that is not set, under \
      replications/models in XDG_CACHE_HOME or ~/.cache.
      """,
    subcommands: [ModelsList.self, ModelsFetch.self, ModelsVerify.self])
}

/// The assets that a command is about, and who needs them.
struct Catalogue {
  let assets: Assets

  private let needs: [String: [Claim]]

  init(_ workspace: Workspace) throws {
    let library = try workspace.library()
    assets = try workspace.assets()
    var needs: [String: [Claim]] = [:]
    for claim in library.claims {
      for id in claim.needs.flatMap(Assets.alternatives) { needs[id, default: []].append(claim) }
    }
    self.needs = needs
  }

  /// The stated assets, by id.
  var all: [Asset] { assets.assets.values.sorted { $0.id < $1.id } }

  /// The claims that need an asset.
  func claims(needing asset: Asset) -> [String] { needs[asset.id]?.map(\.id) ?? [] }

  /// How many claims need an asset, and of which findings; a dash for none.
  func needWords(_ asset: Asset) -> String {
    guard let claims = needs[asset.id] else { return "–" }
    let findings = Set(claims.map(\.finding)).sorted().joined(separator: ", ")
    return "\(claims.count) \(claims.count == 1 ? "claim" : "claims") of \(findings)"
  }

  /// The assets with these ids; an unknown one is wrong usage.
  func assets(_ ids: [String]) throws -> [Asset] {
    try ids.map { id in
      guard let asset = assets.assets[id] else {
        throw ValidationError("there is no asset \"\(id)\"; `replicate models list` shows them all.")
      }
      return asset
    }
  }

  /// The file of an asset in the first place that has one, whatever its bytes.
  func place(of asset: Asset) -> URL? { assets.place(of: asset) }
}

/// A number of bytes as people read it.
func sizeWords(_ bytes: Int) -> String {
  let units = ["B", "kB", "MB", "GB", "TB"]
  var (value, unit) = (Double(bytes), 0)
  while value >= 1000, unit < units.count - 1 { (value, unit) = (value / 1000, unit + 1) }
  let shown = value >= 100 || unit == 0 ? String(Int(value.rounded())) : String((value * 10).rounded() / 10)
  return "\(shown) \(units[unit])"
}

/// Lists the catalogue.
struct ModelsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the catalogue, what of it is here, and how many claims need it.",
    discussion: "With --json every claim is named.")

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    let catalogue = try Catalogue(workspace.workspace())
    let entries = catalogue.all.map { asset in
      Entry(
        id: asset.id, file: asset.file, url: asset.url, sha256: asset.sha256, bytes: asset.bytes,
        licence: asset.licence, derivation: asset.derivation, place: catalogue.place(of: asset)?.path,
        neededBy: catalogue.claims(needing: asset))
    }
    if json { return try writeJSON(entries) }
    var table = Table(header: ["asset", "size", "here", "licence", "needed by"])
    table.rows = zip(catalogue.all, entries).map { asset, entry in
      [
        entry.id, sizeWords(entry.bytes), entry.place == nil ? "no" : "yes", entry.licence, catalogue.needWords(asset),
      ]
    }
    write(table.lines().joined(separator: "\n"))
  }

  /// An asset with what is known of it here.
  struct Entry: Encodable {
    let id: String
    let file: String
    let url: String
    let sha256: String
    let bytes: Int
    let licence: String
    let derivation: String?
    let place: String?
    let neededBy: [String]
  }
}
