// Outside models and data that some claims need. They are not part of the package: `fixtures/assets.yaml` says where
// each comes from and what its bytes hash to, and a machine that has them evaluates the claims that need them.

import Foundation
import Synchronization

/// One outside file, as `fixtures/assets.yaml` states it.
public struct Asset: Sendable, Hashable {
  /// The name by which claims ask for it.
  public let id: String

  /// The path of the file under any of the folders that hold models.
  public let file: String

  /// Where it can be had.
  public let url: String

  /// The SHA-256 of its bytes, in lower-case hexadecimal.
  public let sha256: String

  /// Its size.
  public let bytes: Int

  /// The terms under which it is published.
  public let licence: String

  /// How it was made of what lies at `url`; nil where it is that file, which can be downloaded.
  public let derivation: String?
}

/// The outside files that are stated, and the folders in which they may lie.
public final class Assets: Sendable {
  /// The stated files by id.
  public let assets: [String: Asset]

  /// The folders in which files may lie; the first is the one that downloads go to.
  public let folders: [URL]

  /// Hugging Face's cache, in which files may lie that have an address there; nil where it is not looked into.
  private let hub: URL?

  /// A text of the reader's own; nil where none is named.
  private let ownText: URL?

  /// The name by which claims ask for a text of the reader's own: the file that `REPLICATIONS_TEXT` names.
  ///
  /// It is stated nowhere and may be any text in UTF-8; a record of such a claim holds the hash of its bytes.
  public static let ownText = "own-text"

  private let checked = Mutex<[String: Result<URL, AssetError>]>([:])

  /// No assets at all.
  public static let none = Assets([], folders: [])

  /// Creates assets that may lie in any of these folders, or in Hugging Face's cache.
  public init(_ assets: [Asset], folders: [URL], hub: URL? = nil, ownText: URL? = nil) {
    self.assets = Dictionary(assets.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.folders = folders
    self.hub = hub
    self.ownText = ownText
  }

  /// Loads `fixtures/assets.yaml` under a package's root; without that file there are no assets.
  ///
  /// Files are looked for in the cache (see ``cache(in:)``), then in `shared/data` beside the package, then in Hugging
  /// Face's cache. `REPLICATIONS_TEXT` may name a text of the reader's own.
  public convenience init(root: URL, environment: [String: String]) throws(AssetsFileError) {
    let beside = root.deletingLastPathComponent().appending(components: "shared", "data")
    try self.init(
      Self.stated(under: root), folders: [Self.cache(in: environment), beside],
      hub: HuggingFaceCache.folder(in: environment),
      ownText: environment["REPLICATIONS_TEXT"].flatMap { $0.isEmpty ? nil : URL(filePath: $0) })
  }

  /// The folder that downloads go to: what `REPLICATIONS_MODELS` names, or else `replications/models` in the user's cache,
  /// `XDG_CACHE_HOME` or `~/.cache`.
  public static func cache(in environment: [String: String]) -> URL {
    func folder(_ name: String) -> URL? {
      environment[name].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
    }
    if let named = folder("REPLICATIONS_MODELS") { return named }
    let caches =
      folder("XDG_CACHE_HOME")
      ?? (folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser).appending(path: ".cache")
    return caches.appending(components: "replications", "models")
  }

  /// The file of an asset, once it is found and its bytes hash to what was stated.
  ///
  /// The bytes are hashed once in the life of this value.
  public func file(_ id: String) throws(AssetError) -> URL {
    try checked.withLock { checked -> Result<URL, AssetError> in
      if let known = checked[id] { return known }
      let result = find(id)
      checked[id] = result
      return result
    }.get()
  }

  /// The first asset that is found among those of an entry under `needs`, and its file.
  ///
  /// An entry is an id, or several joined by ` or `, any one of which will do.
  public func first(of need: String) throws(AssetError) -> (id: String, file: URL) {
    var errors: [AssetError] = []
    for id in Self.alternatives(in: need) {
      do throws(AssetError) {
        return (id, try file(id))
      } catch {
        errors.append(error)
      }
    }
    throw errors.count == 1 ? errors[0] : .noneOf(errors)
  }

  /// The ids in an entry under `needs`.
  public static func alternatives(in need: String) -> [String] {
    need.split(separator: " or ").map(String.init)
  }

  /// The file of an asset in the first place that has one, whatever its bytes.
  public func place(of asset: Asset) -> URL? {
    let candidates =
      folders.map { $0.appending(path: asset.file) }
      + (hub.map { HuggingFaceCache.places(of: asset.url, in: $0) } ?? [])
    return candidates.first { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The hash of an asset's bytes: as stated, or of the reader's own text as it is; nil where there is none.
  func sha256(_ id: String) -> String? {
    if id == Self.ownText { return ownText.flatMap { try? SHA256.hexadecimal(contentsOf: $0) } }
    return assets[id]?.sha256
  }

  private func find(_ id: String) -> Result<URL, AssetError> {
    if id == Self.ownText {
      guard let ownText else { return .failure(.noOwnText) }
      return FileManager.default.isReadableFile(atPath: ownText.path)
        ? .success(ownText) : .failure(.unreadable(path: ownText.path))
    }
    guard let asset = assets[id] else { return .failure(.unknown(id: id)) }
    guard let url = place(of: asset) else {
      return .failure(.missing(id: id, file: asset.file, url: asset.url))
    }
    guard let hash = try? SHA256.hexadecimal(contentsOf: url) else { return .failure(.unreadable(path: url.path)) }
    guard hash == asset.sha256 else {
      return .failure(.different(path: url.path, expected: asset.sha256, found: hash))
    }
    return .success(url)
  }
}

/// Why an asset cannot be used.
public enum AssetError: Error, Sendable, Hashable, CustomStringConvertible {
  /// No asset of this id is stated.
  case unknown(id: String)

  /// No text of the reader's own is named.
  case noOwnText

  /// The file lies in none of the folders.
  case missing(id: String, file: String, url: String)

  /// The file is there and cannot be read.
  case unreadable(path: String)

  /// The file has other bytes than were stated.
  case different(path: String, expected: String, found: String)

  /// None of several assets can be used, any one of which would do.
  case noneOf([AssetError])

  /// What is wrong, and what would mend it.
  public var description: String {
    switch self {
    case .unknown(let id):
      "\(id): fixtures/assets.yaml states no such asset"
    case .noOwnText:
      "\(Assets.ownText): REPLICATIONS_TEXT names no file; any text of 2 MB or more will do"
    case .missing(let id, let file, let url):
      url.hasPrefix("https://huggingface.co/")
        ? "\(id): \(file) is not under REPLICATIONS_MODELS, nor is it in Hugging Face's cache; `replicate models fetch "
          + "\(id)` gets it from \(url)"
        : "\(id): \(file) is not under REPLICATIONS_MODELS; `replicate models fetch \(id)` gets it from \(url)"
    case .unreadable(let path):
      "\(path) cannot be read"
    case .different(let path, let expected, let found):
      "\(path) is another file: its SHA-256 is \(found), expected \(expected)"
    case .noneOf(let errors):
      errors.map(\.description).joined(separator: "; or ")
    }
  }
}
