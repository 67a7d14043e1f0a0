// Where the bytes of an asset come from: an address, by way of `curl`, or a folder.
//
// Foundation's own URLSession was weighed: on Linux it links libcurl with all its libraries into every start of the command
// and of the tests, for a thing that is done once. curl is on every Mac and a small package elsewhere.

import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Something that bytes can be read from, beginning at any of them.
protocol AssetSource: Sendable, CustomStringConvertible {
  /// Reads from an offset to the end, handing out pieces until `take` says that it has enough.
  func read(
    from offset: Int, stallLimit: Int, take: ([UInt8]) throws(FetchError) -> Bool
  ) -> Result<TransferEnd, FetchError>
}

/// How a transfer ended.
enum TransferEnd {
  /// At the end of the file, or when enough was taken.
  case end
  /// By something that may pass; the reason in words.
  case transient(String)
  /// By something that will not; the reason in words.
  case permanent(String)
  /// The source can only be read from its beginning.
  case cannotResume
}

/// A place that has assets under their paths: a folder, or a server.
public struct AssetMirror: Sendable, Hashable {
  private let base: URL
  private let isFolder: Bool

  /// The mirror that a text names: a folder, or an address that begins with `file://`, `http://` or `https://`.
  public init(_ text: String) {
    let url = URL(string: text)
    switch url?.scheme {
    case "http", "https":
      base = url ?? URL(filePath: text)
      isFolder = false
    case "file":
      base = URL(filePath: url?.path ?? text)
      isFolder = true
    default:
      base = URL(filePath: text)
      isFolder = true
    }
  }

  func source(of file: String) -> any AssetSource {
    let url = base.appending(path: file)
    return isFolder ? FileSource(url: url) : DownloadSource(url: url.absoluteString)
  }
}

/// A file on a disk.
struct FileSource: AssetSource {
  let url: URL

  var description: String { url.path }

  func read(
    from offset: Int, stallLimit: Int, take: ([UInt8]) throws(FetchError) -> Bool
  ) -> Result<TransferEnd, FetchError> {
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      try handle.seek(toOffset: UInt64(offset))
      while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
        if try !take([UInt8](piece)) { break }
      }
      return .success(.end)
    } catch let error as FetchError {
      return .failure(error)
    } catch {
      let exists = FileManager.default.fileExists(atPath: url.path)
      return .success(.permanent(exists ? error.localizedDescription : "there is no such file"))
    }
  }
}

/// A file on a server.
struct DownloadSource: AssetSource {
  let url: String

  var description: String { url }

  func read(
    from offset: Int, stallLimit: Int, take: ([UInt8]) throws(FetchError) -> Bool
  ) -> Result<TransferEnd, FetchError> {
    let curl = Process()
    curl.executableURL = URL(filePath: "/usr/bin/env")
    // An address that begins safely stays safe when the server sends us elsewhere.
    let schemes = url.hasPrefix("https:") ? "=https" : "=http,https"
    curl.arguments =
      [
        "curl", "-q", "--silent", "--show-error", "--fail", "--location", "--max-redirs", "5", "--proto", schemes,
        "--proto-redir", schemes, "--connect-timeout", "\(stallLimit)", "--speed-limit", "1", "--speed-time",
        "\(stallLimit)",
      ] + (offset > 0 ? ["--continue-at", "\(offset)"] : []) + ["--url", url]
    let (output, errors) = (Pipe(), Pipe())
    curl.standardInput = FileHandle.nullDevice
    curl.standardOutput = output
    curl.standardError = errors
    do {
      try curl.run()
    } catch {
      return .success(.permanent("curl could not be started: \(error.localizedDescription)"))
    }
    do throws(FetchError) {
      while let piece = nextPiece(from: output.fileHandleForReading) {
        if try !take(piece) {
          curl.terminate()
          curl.waitUntilExit()
          return .success(.end)
        }
      }
    } catch {
      curl.terminate()
      curl.waitUntilExit()
      return .failure(error)
    }
    let message = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
    curl.waitUntilExit()
    return .success(
      Self.end(curl.terminationStatus, String(decoding: message, as: UTF8.self), isResumed: offset > 0))
  }

  /// What an exit code of curl means (curl's manual, "EXIT CODES").
  private static func end(_ code: Int32, _ message: String, isResumed: Bool) -> TransferEnd {
    let line = message.split(separator: "\n").last.map(String.init) ?? "curl's exit code is \(code)"
    switch code {
    case 0: return .end
    case 127: return .permanent("curl is not installed")
    case 33, 36: return .cannotResume  // the server does not know ranges
    // The file there is shorter than the part that is here.
    case 22 where isResumed && line.hasSuffix("416"): return .cannotResume
    case 22 where line.contains("error: 5") || line.hasSuffix("429"): return .transient(line)
    case 5, 6, 7, 16, 18, 28, 35, 52, 55, 56, 92: return .transient(line)
    default: return .permanent(line)
    }
  }
}

/// What has come through a pipe, as soon as there is anything; nil at its end.
private func nextPiece(from pipe: FileHandle) -> [UInt8]? {
  var failed = false
  let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
    var result = read(pipe.fileDescriptor, buffer.baseAddress, buffer.count)
    while result < 0, errno == EINTR { result = read(pipe.fileDescriptor, buffer.baseAddress, buffer.count) }
    failed = result <= 0
    count = max(result, 0)
  }
  return failed ? nil : bytes
}
