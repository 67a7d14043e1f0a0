// Archives whose bytes depend on nothing but their contents: a ustar with fixed times, owners and modes, in the order
// given, compressed by Zstandard. The same library version gives the same file; the tar inside is the same everywhere.

import CArchive
import Foundation

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
enum TarWriter {
  /// The time of every file, 1980-01-01 UTC: the earliest that all archive formats can hold.
  private static let time = 315_532_800

  /// The bytes of a `.tar.zst` that holds these files in this order.
  static func archive(_ files: [ArchivedFile]) throws(ArchiveError) -> Data {
    let sink = Sink()
    guard let archive = archive_write_new() else { throw ArchiveError(description: "libarchive has no memory") }
    defer { archive_write_free(archive) }
    func check(_ status: Int32) throws(ArchiveError) {
      guard status == ARCHIVE_OK else {
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? "error \(status)"
        throw ArchiveError(description: "the archive could not be made: \(reason)")
      }
    }
    try check(archive_write_set_format_ustar(archive))
    // Anything but OK means that libarchive was built without it and would start a program instead.
    try check(archive_write_add_filter_zstd(archive))
    try check(archive_write_set_options(archive, "zstd:compression-level=9"))
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
    for file in files { try write(file, to: archive, check) }
    try check(archive_write_close(archive))
    return withExtendedLifetime(sink) { sink.data }
  }

  private static func write(
    _ file: ArchivedFile, to archive: OpaquePointer, _ check: (Int32) throws(ArchiveError) -> Void
  ) throws(ArchiveError) {
    guard let entry = archive_entry_new() else { throw ArchiveError(description: "libarchive has no memory") }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, file.path)
    archive_entry_set_filetype(entry, CArchiveRegularFile)
    archive_entry_set_perm(entry, 0o644)
    archive_entry_set_size(entry, Int64(file.data.count))
    archive_entry_set_mtime(entry, time, 0)
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
