// Files that are whole or absent: the bytes go to a temporary file in the same folder, which then takes the name.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Why a file of evidence could not be written.
public struct EvidenceError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file or folder.
  public let path: String

  /// The reason that the system gave.
  public let reason: String

  /// The sentence that a person reads.
  public var description: String {
    "\(path) could not be written: \(reason)"
  }
}

/// Writes whole files.
enum AtomicFile {
  /// Writes a file under a folder, which is made if need be. On failure no part of it is left.
  static func write(_ data: Data, to url: URL) throws(EvidenceError) {
    try makeFolder(url.deletingLastPathComponent())
    let path = url.path
    var template = Array(
      url.deletingLastPathComponent().appending(path: ".\(url.lastPathComponent).XXXXXX").path.utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw lastError(path) }
    do throws(EvidenceError) {
      do throws(EvidenceError) {
        guard fchmod(descriptor, 0o644) == 0 else { throw lastError(path) }
        try write(data, to: descriptor, path)
      } catch {
        close(descriptor)
        throw error
      }
      guard close(descriptor) == 0 else { throw lastError(path) }
      guard rename(template, path) == 0 else { throw lastError(path) }
    } catch {
      unlink(template)
      throw error
    }
  }

  private static func makeFolder(_ folder: URL) throws(EvidenceError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      // Foundation's message differs from system to system; the system's own reason is the same everywhere.
      let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
      let isFile = FileManager.default.fileExists(atPath: folder.path)
      let reason = cause.map { String(cString: strerror(Int32($0.code))) } ?? error.localizedDescription
      throw EvidenceError(path: folder.path, reason: isFile ? "it is a file, and a folder is needed" : reason)
    }
  }

  private static func write(_ data: Data, to descriptor: Int32, _ path: String) throws(EvidenceError) {
    let bytes = [UInt8](data)
    var written = 0
    while written < bytes.count {
      let start = written
      let count = bytes.withUnsafeBytes { buffer -> Int in
        guard let base = buffer.baseAddress else { return 0 }
        #if canImport(Glibc)
          return Glibc.write(descriptor, base + start, bytes.count - start)
        #else
          return Darwin.write(descriptor, base + start, bytes.count - start)
        #endif
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw lastError(path) }
      written += count
    }
  }

  private static func lastError(_ path: String) -> EvidenceError {
    EvidenceError(path: path, reason: String(cString: strerror(errno)))
  }
}
