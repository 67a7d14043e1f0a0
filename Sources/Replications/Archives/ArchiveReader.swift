// Archives from strangers, read into memory and never unpacked onto a disk. Only what a bundle of evidence can hold is
// taken: regular files with plain relative paths, each once, within limits that are checked before memory is asked for.

import CArchive
import Foundation

/// Reads archives.
enum ArchiveReader {
  /// What an archive may hold.
  struct Limits: Sendable {
    /// The size of the archive itself, in bytes.
    var archive = 64 << 20
    /// The size of all its files together, in bytes.
    var total = 256 << 20
    /// The number of files.
    var count = 1000
    /// The length of a path, in bytes.
    var path = 255
  }

  /// The files of a `.tar.zst` or `.zip` in their order, whatever the archive's name.
  static func files(of url: URL, limits: Limits = Limits()) throws(ArchiveError) -> [ArchivedFile] {
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      data = try handle.read(upToCount: limits.archive + 1) ?? Data()
    } catch {
      throw ArchiveError(description: "\(url.path) cannot be read")
    }
    guard data.count <= limits.archive else {
      throw ArchiveError(description: "\(url.path) is larger than \(limits.archive) bytes, the most that is read")
    }
    // The archive points into these bytes, so they must stay where they are until it is closed.
    let bytes = [UInt8](data)
    return try bytes.withUnsafeBytes { buffer in
      Result { () throws(ArchiveError) in try files(in: buffer, name: url.path, limits) }
    }.get()
  }

  private static func files(
    in bytes: UnsafeRawBufferPointer, name: String, _ limits: Limits
  ) throws(ArchiveError) -> [ArchivedFile] {
    guard let archive = archive_read_new() else { throw ArchiveError(description: "libarchive has no memory") }
    defer { archive_read_free(archive) }
    func refuse(_ reason: String) -> ArchiveError {
      let detail = archive_error_string(archive).map { ": " + String(cString: $0) } ?? ""
      return ArchiveError(description: "\(name) \(reason)\(detail)")
    }
    guard archive_read_support_filter_zstd(archive) == ARCHIVE_OK,
      archive_read_support_format_tar(archive) == ARCHIVE_OK,
      archive_read_support_format_zip(archive) == ARCHIVE_OK,
      archive_read_open_memory(archive, bytes.baseAddress, bytes.count) == ARCHIVE_OK
    else { throw refuse("is not a .tar.zst or .zip archive") }

    var files: [ArchivedFile] = []
    var names: Set<String> = []
    var total = 0
    while true {
      var header: OpaquePointer?
      let status = archive_read_next_header(archive, &header)
      if status == ARCHIVE_EOF { break }
      guard status == ARCHIVE_OK, let header else { throw refuse("is damaged or no .tar.zst or .zip archive") }
      guard files.count < limits.count else { throw refuse("holds more than \(limits.count) files") }
      guard let path = archive_entry_pathname(header).flatMap({ String(validatingCString: $0) }) else {
        throw refuse("has a file whose name is not UTF-8")
      }
      guard path.isPlainPath, path.utf8.count <= limits.path else {
        throw refuse("has a file at \(path.debugDescription), which is not a plain path inside it")
      }
      guard UInt32(archive_entry_filetype(header)) == CArchiveRegularFile, archive_entry_hardlink(header) == nil else {
        throw refuse("has \(path), which is not a regular file")
      }
      // Some disks do not tell letters by their case.
      guard names.insert(path.lowercased()).inserted else { throw refuse("has \(path) twice") }
      let size = archive_entry_size(header)
      guard archive_entry_size_is_set(header) != 0, size >= 0, size <= Int64(limits.total - total) else {
        throw refuse("claims \(size) bytes for \(path), and its files may have \(limits.total) in all")
      }
      total += Int(size)
      files.append(ArchivedFile(path: path, data: try contents(archive, Int(size)) { refuse("\($0) \(path)") }))
    }
    return files
  }

  private static func contents(
    _ archive: OpaquePointer, _ size: Int, _ refuse: (String) -> ArchiveError
  ) throws(ArchiveError) -> Data {
    var data = Data()
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = piece.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, $0.count) }
      guard count >= 0 else { throw refuse("is damaged in") }
      if count == 0 { break }
      // What is claimed costs nothing; only what is there takes memory.
      data.append(contentsOf: piece[..<count])
      guard data.count <= size else { throw refuse("has more bytes than it says in") }
    }
    guard data.count == size else { throw refuse("ends within") }
    return data
  }
}

extension String {
  /// Whether this is a relative path that stays inside its folder on any system.
  fileprivate var isPlainPath: Bool {
    let isPrintable = unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f && $0 != "\\" && $0 != ":" }
    let parts = split(separator: "/", omittingEmptySubsequences: false)
    return isPrintable && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
  }
}
