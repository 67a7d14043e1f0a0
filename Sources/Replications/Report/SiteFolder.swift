// A site on disk. It is written beside its place and then renamed into it, so that the place holds the old site or the new
// one, never a part; and it takes the place of nothing that it did not write itself.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a folder is not replaced by a site.
public struct RefusedOutput: Error, Sendable, Hashable, CustomStringConvertible {
  /// The folder that was given.
  public let path: String

  /// What is in the way.
  public let reason: String

  /// The sentence that a person reads.
  public var description: String { "the site cannot take the place of \(path): \(reason)" }
}

/// The list of a site's files, by which the site is known as ours when another takes its place.
private struct SiteManifest: Codable {
  static let name = "site.json"
  static let generator = "replicate report"

  let generator: String
  let files: [String]
}

extension Site {
  /// Writes the site into a folder: a new one, an empty one, or one that holds an earlier site and nothing else.
  ///
  /// - Throws: ``RefusedOutput`` when something else is there, ``EvidenceError`` when the system refuses to write.
  public func write(to folder: URL) throws {
    let place = folder.resolvingSymlinksInPath().standardizedFileURL
    try Self.check(place, named: folder.path)
    let parent = place.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: parent, withIntermediateDirectories: true)
    } catch {
      throw EvidenceError(path: parent.path, reason: "its folder cannot be made")
    }
    let fresh = try Self.temporaryFolder(beside: place)
    defer { try? FileManager.default.removeItem(at: fresh) }
    for (path, data) in files.sorted(by: { $0.key < $1.key }) {
      try AtomicFile.write(data, to: fresh.appending(path: path))
    }
    try AtomicFile.write(try manifest(), to: fresh.appending(path: SiteManifest.name))
    try Self.replace(place, with: fresh)
  }

  private func manifest() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(SiteManifest(generator: SiteManifest.generator, files: files.keys.sorted()))
      + Data("\n".utf8)
  }

  private static func check(_ place: URL, named path: String) throws(RefusedOutput) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder) else { return }
    guard isFolder.boolValue else { throw RefusedOutput(path: path, reason: "it is a file, and a folder is needed") }
    let found = filesUnder(place)
    guard !found.isEmpty else { return }
    guard let data = try? Data(contentsOf: place.appending(path: SiteManifest.name)),
      let manifest = try? JSONDecoder().decode(SiteManifest.self, from: data),
      manifest.generator == SiteManifest.generator
    else { throw RefusedOutput(path: path, reason: "it holds \(found[0]) and is no site of replicate report") }
    let ours = Set(manifest.files + [SiteManifest.name])
    if let other = found.first(where: { !ours.contains($0) }) {
      throw RefusedOutput(path: path, reason: "it holds \(other), which replicate report did not write")
    }
  }

  /// The paths of all files under a folder, in order.
  private static func filesUnder(_ folder: URL) -> [String] {
    let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return paths.filter { path in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: folder.appending(path: path).path, isDirectory: &isFolder)
      return !exists || !isFolder.boolValue
    }.sorted()
  }

  private static func temporaryFolder(beside place: URL) throws(EvidenceError) -> URL {
    let name = ".\(place.lastPathComponent).XXXXXX"
    var template = Array(place.deletingLastPathComponent().appending(path: name).path.utf8CString)
    guard mkdtemp(&template) != nil, chmod(template, 0o755) == 0 else { throw lastError(place) }
    return URL(filePath: String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
  }

  private static func replace(_ place: URL, with fresh: URL) throws(EvidenceError) {
    // A folder cannot be renamed over one that holds files, so the old site steps aside first.
    let aside = fresh.deletingLastPathComponent().appending(path: "\(fresh.lastPathComponent).old")
    let isReplacing = FileManager.default.fileExists(atPath: place.path)
    if isReplacing, rename(place.path, aside.path) != 0 { throw lastError(place) }
    guard rename(fresh.path, place.path) == 0 else {
      let error = lastError(place)
      if isReplacing { _ = rename(aside.path, place.path) }
      throw error
    }
    if isReplacing { try? FileManager.default.removeItem(at: aside) }
  }

  private static func lastError(_ place: URL) -> EvidenceError {
    EvidenceError(path: place.path, reason: String(cString: strerror(errno)))
  }
}
