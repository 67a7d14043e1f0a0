// Getting an outside file into the cache: resumed where an earlier try ended, hashed as it arrives, and given its name only
// once every byte is what was stated. A file of other bytes is refused, and nothing of it is left.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why an asset could not be fetched.
public struct FetchError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence that a person reads.
  public let description: String
}

/// How far a download has come.
public struct FetchProgress: Sendable, Hashable {
  /// The bytes that are here.
  public let received: Int
  /// The bytes of the whole.
  public let expected: Int
}

/// Fetches assets into a folder.
public struct AssetFetcher: Sendable {
  private let cache: URL
  private let mirror: AssetMirror?
  private let attempts: Int
  private let stallLimit: Int

  /// Creates a fetcher into a folder, from where each asset says or from a mirror.
  ///
  /// A transfer that brings nothing for `stallLimit` seconds is broken off and resumed, up to so many attempts in all.
  public init(into cache: URL, mirror: AssetMirror? = nil, attempts: Int = 4, stallLimit: Int = 30) {
    self.cache = cache
    self.mirror = mirror
    self.attempts = max(attempts, 1)
    self.stallLimit = max(stallLimit, 1)
  }

  /// Fetches an asset and gives its file; the caller has seen that it is not there yet.
  public func fetch(
    _ asset: Asset, onProgress: (FetchProgress) -> Void = { _ in }
  ) throws(FetchError) -> URL {
    let source = try source(of: asset)
    let part = try PartialFile(cache.appending(components: ".partial", "\(asset.sha256).part"), id: asset.id)
    var received = part.size
    if received > asset.bytes { received = 0 }
    var restarted = received == 0
    var failure = ""

    for _ in 0..<attempts {
      try part.keep(received)
      var hash = try part.hash(of: received)
      var isTooLong = false
      if received < asset.bytes {
        let end = source.read(from: received, stallLimit: stallLimit) { (bytes) throws(FetchError) in
          guard bytes.count <= asset.bytes - received else {
            isTooLong = true
            return false
          }
          try part.append(bytes)
          hash.update(bytes)
          received += bytes.count
          onProgress(FetchProgress(received: received, expected: asset.bytes))
          return true
        }
        switch end {
        case .failure(let error):
          throw error
        case .success(.permanent(let reason)):
          if received == 0 { part.remove() }
          throw FetchError(description: "\(asset.id): \(source) could not be read: \(reason)")
        case .success(.cannotResume):
          received = 0
          restarted = true
          failure = "it cannot be resumed"
          continue
        case .success(.transient(let reason)):
          failure = reason
        case .success(.end):
          failure = "it ended early"
        }
      }
      guard isTooLong || received == asset.bytes else { continue }
      let found = isTooLong ? "longer" : hash.finish()
      if found == asset.sha256 { return try part.land(at: cache.appending(path: asset.file)) }
      if !restarted {
        // What was there before may have been the fault: start anew, once.
        received = 0
        restarted = true
        failure = "the part that was here did not fit"
        continue
      }
      part.remove()
      let what =
        isTooLong
        ? "it has more than \(asset.bytes) bytes" : "its SHA-256 is \(found), expected \(asset.sha256)"
      throw FetchError(description: "\(asset.id): \(source) is another file and was not kept: \(what)")
    }
    if received == 0 { part.remove() }
    throw FetchError(
      description: "\(asset.id): \(received) of \(asset.bytes) bytes of \(source) arrived in \(attempts) "
        + "attempts (\(failure)); run it again to go on from there")
  }

  private func source(of asset: Asset) throws(FetchError) -> any AssetSource {
    if let mirror { return mirror.source(of: asset.file) }
    if let derivation = asset.derivation {
      throw FetchError(
        description: "\(asset.id) cannot be downloaded: it was made of what lies at \(asset.url) (\(derivation)); "
          + "name a folder or mirror that has it with --from")
    }
    return DownloadSource(url: asset.url)
  }
}

/// A file on its way: locked against other processes, and removed or given its name in the end.
private final class PartialFile {
  private let url: URL
  private let id: String
  private let handle: FileHandle

  /// Opens or makes the file; an error says so where another process has it.
  init(_ url: URL, id: String) throws(FetchError) {
    self.url = url
    self.id = id
    let folder = url.deletingLastPathComponent()
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw FetchError(description: "\(folder.path) could not be made: \(error.localizedDescription)")
    }
    let descriptor = open(url.path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw FetchError(description: "\(url.path) could not be opened: \(String(cString: strerror(errno)))")
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    var opened = stat()
    var named = stat()
    // Whoever had the lock may have given the file its final name meanwhile: then this is no part any more.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &opened) == 0, lstat(url.path, &named) == 0,
      opened.st_ino == named.st_ino
    else { throw FetchError(description: "\(id) is being fetched by another process") }
  }

  /// The number of bytes in the file.
  var size: Int { Int((try? handle.seekToEnd()) ?? 0) }

  /// Cuts the file to its first bytes and goes to their end.
  func keep(_ count: Int) throws(FetchError) {
    try perform { try handle.truncate(atOffset: UInt64(count)) }
  }

  /// Adds bytes at the end.
  func append(_ bytes: [UInt8]) throws(FetchError) {
    try perform { try handle.write(contentsOf: Data(bytes)) }
  }

  /// The hash of the first bytes, to which later ones can be added.
  func hash(of count: Int) throws(FetchError) -> SHA256 {
    var hash = SHA256()
    var left = count
    try perform {
      try handle.seek(toOffset: 0)
      while left > 0, let piece = try handle.read(upToCount: min(left, 1 << 20)), !piece.isEmpty {
        hash.update([UInt8](piece))
        left -= piece.count
      }
      try handle.seekToEnd()
    }
    return hash
  }

  /// Removes the file, and its folder where it was the last.
  func remove() {
    unlink(url.path)
    rmdir(url.deletingLastPathComponent().path)
  }

  /// Gives the file its name, once its bytes are on the disk.
  func land(at target: URL) throws(FetchError) -> URL {
    try perform {
      try handle.synchronize()
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    }
    guard rename(url.path, target.path) == 0 else {
      throw FetchError(description: "\(target.path) could not be written: \(String(cString: strerror(errno)))")
    }
    rmdir(url.deletingLastPathComponent().path)  // stays where other parts are in it
    return target
  }

  private func perform(_ work: () throws -> Void) throws(FetchError) {
    do {
      try work()
    } catch {
      throw FetchError(description: "\(id): \(url.path) could not be written: \(error.localizedDescription)")
    }
  }
}
