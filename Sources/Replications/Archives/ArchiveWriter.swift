// Archives whose bytes depend on nothing but their contents, with fixed times, owners and modes and in the order given: a
// ustar compressed by Zstandard, or a ZIP. The same library version gives the same file; the tar inside is the same
// everywhere.

import CArchive
import Foundation

/// The kinds of archives.
public enum ArchiveFormat: String, Sendable, Hashable, CaseIterable {
  /// A ustar, compressed by Zstandard.
  case tarZstandard = "tar.zst"

  /// A ZIP, compressed by Deflate.
  case zip

  /// The format that a file's name ends in; nil where it ends otherwise.
  public init?(nameOf url: URL) {
    guard let format = Self.allCases.first(where: { url.lastPathComponent.hasSuffix(".\($0.rawValue)") }) else {
      return nil
    }
    self = format
  }
}

/// A file of an archive.
struct ArchivedFile: Sendable, Hashable {
  /// The path in the archive.
  let path: String
  /// The bytes.
  let data: Data
}

/// Why an archive cannot be written or read.
public struct ArchiveError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence that a person reads.
  public let description: String
}

/// Writes archives.
enum ArchiveWriter {
  /// The time of every file, 1980-01-01 UTC: the earliest that all archive formats can hold.
  private static let time = 315_532_800

  /// The bytes of an archive that holds these files in this order.
  static func archive(
    _ files: [ArchivedFile], as format: ArchiveFormat = .tarZstandard
  ) throws(ArchiveError) -> Data {
    let sink = Sink()
    guard let archive = archive_write_new() else { throw ArchiveError(description: "libarchive has no memory") }
    defer { archive_write_free(archive) }
    func check(_ status: Int32) throws(ArchiveError) {
      guard status == ARCHIVE_OK else {
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? "error \(status)"
        throw ArchiveError(description: "the archive could not be made: \(reason)")
      }
    }
    switch format {
    case .tarZstandard:
      try check(archive_write_set_format_ustar(archive))
      // Anything but OK means that libarchive was built without it and would start a program instead.
      try check(archive_write_add_filter_zstd(archive))
      try check(archive_write_set_options(archive, "zstd:compression-level=9"))
    case .zip:
      try check(archive_write_set_format_zip(archive))
      try check(archive_write_set_options(archive, "zip:compression=deflate"))
    }
    try check(archive_write_set_bytes_in_last_block(archive, 1))
    try check(
      archive_write_open(
        archive, Unmanaged.passUnretained(sink).toOpaque(), nil,
        { _, sink, bytes, count in
          guard let sink, let bytes else { return -1 }
          Unmanaged<Sink>.fromOpaque(sink).takeUnretainedValue().data.append(
            Data(bytes: bytes, count: count))
          return count
        }, nil))
    for file in files { try write(file, to: archive, format, check) }
    try check(archive_write_close(archive))
    return withExtendedLifetime(sink) { sink.data }
  }

  private static func write(
    _ file: ArchivedFile, to archive: OpaquePointer, _ format: ArchiveFormat,
    _ check: (Int32) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    guard let entry = archive_entry_new() else { throw ArchiveError(description: "libarchive has no memory") }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, file.path)
    archive_entry_set_filetype(entry, CArchiveRegularFile)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_size(entry, Int64(file.data.count))
    // A ZIP holds local times, which hang on the time zone; without one it says 1980-01-01 everywhere.
    if format != .zip { archive_entry_set_mtime(entry, time, 0) }
    archive_entry_set_uid(entry, 0)
    archive_entry_set_gid(entry, 0)
    try check(archive_write_header(archive, entry))
    let written = file.data.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
    guard written == file.data.count else {
      throw ArchiveError(description: "the archive could not be made: \(file.path) was not taken whole")
    }
  }

  /// What libarchive's callback writes to.
  private final class Sink {
    var data = Data()
  }
}
