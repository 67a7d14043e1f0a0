// Zip archives, read through libarchive: PyTorch's checkpoints and NumPy's npz.
//
// The central directory says what there is. Before memory is asked for, the sizes it states are held against the
// archive's own: deflate cannot shrink data more than 1032 times, so what claims more is refused.

import CArchive
import Synchronization

/// A zip archive whose entries can be read at any place; going forward is cheap, going back starts the entry again.
final class ZipArchive: Sendable {
  /// A file in the archive.
  struct Entry: Sendable {
    let name: String
    /// The number of bytes after decompression.
    let size: Int
  }

  let file: RegularFile
  let entries: [Entry]

  private let cursor: Mutex<ZipCursor?>

  /// The most that deflate can shrink data.
  private static let largestRatio = 1032

  /// Reads the central directory.
  init(file: RegularFile) throws(CheckpointError) {
    self.file = file
    var entries: [Entry] = []
    var names: Set<ExactString> = []
    var total = 0
    let cursor = try ZipCursor(file)
    while let entry = try cursor.next() {
      guard names.insert(ExactString(entry.name)).inserted else {
        throw CheckpointError(file: file.path, reason: "holds two entries '\(entry.name)'")
      }
      let (sum, overflow) = total.addingReportingOverflow(entry.size)
      guard entry.size >= 0, !overflow, sum / Self.largestRatio <= file.size else {
        throw CheckpointError(
          file: file.path, reason: "claims \(entry.size) bytes for '\(entry.name)'; \(file.size) bytes cannot hold that"
        )
      }
      total = sum
      entries.append(entry)
    }
    self.entries = entries
    self.cursor = Mutex(nil)
  }

  /// The place of an entry by its name.
  func place(of name: String) -> Int? { entries.firstIndex { $0.name.utf8.elementsEqual(name.utf8) } }

  /// Fills a buffer with an entry's bytes that begin at a place.
  func read(_ entry: Int, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
    let address = UInt(bitPattern: buffer.baseAddress)
    let count = buffer.count
    try cursor.withLock { cursor throws(CheckpointError) in
      let target = UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: address), count: count)
      if cursor?.canReach(entry, offset) != true { cursor = try ZipCursor(file) }
      do throws(CheckpointError) {
        try cursor?.read(entry, entries[entry], at: offset, into: target)
      } catch {
        cursor = nil
        throw error
      }
    }
  }
}

/// One pass of libarchive over a zip file.
private final class ZipCursor {
  private let file: RegularFile
  private let archive: OpaquePointer
  private let source: ZipSource
  /// The place of the entry whose header was read last.
  private var entry = -1
  /// The number of its bytes that have been read.
  private var position = 0

  init(_ file: RegularFile) throws(CheckpointError) {
    guard let archive = archive_read_new() else {
      throw CheckpointError(file: file.path, reason: "cannot be read: libarchive has no memory")
    }
    self.file = file
    self.archive = archive
    source = ZipSource(file)
    archive_read_support_format_zip_seekable(archive)
    archive_read_set_callback_data(archive, Unmanaged.passUnretained(source).toOpaque())
    archive_read_set_read_callback(archive) { _, source, buffer in ZipSource.of(source)?.read(buffer) ?? -1 }
    archive_read_set_skip_callback(archive) { _, source, count in ZipSource.of(source)?.skip(count) ?? 0 }
    archive_read_set_seek_callback(archive) { _, source, offset, whence in
      ZipSource.of(source)?.seek(offset, whence) ?? -1
    }
    guard archive_read_open1(archive) == ARCHIVE_OK else { throw failure("is not a zip archive") }
  }

  deinit { archive_read_free(archive) }

  /// Whether an entry's byte lies before this pass.
  func canReach(_ entry: Int, _ offset: Int) -> Bool {
    self.entry < entry || (self.entry == entry && position <= offset)
  }

  /// The next entry, or nil at the end.
  func next() throws(CheckpointError) -> ZipArchive.Entry? {
    source.wantsLittle = true
    var header: OpaquePointer?
    let status = archive_read_next_header(archive, &header)
    if status == ARCHIVE_EOF { return nil }
    guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let header else { throw failure("is a damaged zip archive") }
    entry += 1
    position = 0
    guard let path = archive_entry_pathname_utf8(header) ?? archive_entry_pathname(header),
      let name = String(validatingCString: path)
    else { throw failure("has an entry whose name cannot be read; names in ASCII are") }
    // "ZIP 2.0 (deflation)": other methods ask for memory by what the file says.
    let method = archive_format_name(archive).map { String(cString: $0) } ?? "an unknown method"
    guard archive_entry_is_encrypted(header) == 0 else { throw failure("has an encrypted entry '\(name)'") }
    guard method.hasSuffix("(uncompressed)") || method.hasSuffix("(deflation)") else {
      throw failure("has an entry '\(name)' compressed by \(method); stored and deflated entries are read")
    }
    guard archive_entry_size_is_set(header) != 0 else { throw failure("does not state the size of '\(name)'") }
    return ZipArchive.Entry(name: name, size: Int(archive_entry_size(header)))
  }

  /// Goes forward to a place of an entry and fills a buffer; at the entry's end its checksum is compared.
  func read(
    _ target: Int, _ expected: ZipArchive.Entry, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
  ) throws(CheckpointError) {
    while entry < target {
      guard let found = try next() else { throw failure("has lost entries since it was opened") }
      if entry == target, found.name != expected.name || found.size != expected.size {
        throw failure("has changed since it was opened")
      }
    }
    source.wantsLittle = false
    if position < offset {
      let skipped = UnsafeMutableRawBufferPointer.allocate(byteCount: min(offset - position, 1 << 18), alignment: 64)
      defer { skipped.deallocate() }
      while position < offset {
        try fill(UnsafeMutableRawBufferPointer(rebasing: skipped[..<min(skipped.count, offset - position)]), expected)
      }
    }
    try fill(buffer, expected)
    guard position == expected.size else { return }
    var more: UInt8 = 0
    let status = archive_read_data(archive, &more, 1)
    guard status <= 0 else { throw failure("has more bytes in '\(expected.name)' than it says") }
    guard status == 0 || hasNoChecksum else { throw failure("is damaged in '\(expected.name)'") }
  }

  /// Whether libarchive's complaint is that the checksum is not zero: PyTorch writes zero when asked to compute none.
  private var hasNoChecksum: Bool {
    archive_error_string(archive).map { String(cString: $0).hasSuffix("should be 0x0") } ?? false
  }

  private func fill(
    _ buffer: UnsafeMutableRawBufferPointer, _ expected: ZipArchive.Entry
  ) throws(CheckpointError) {
    var done = 0
    while done < buffer.count {
      let count = archive_read_data(archive, buffer.baseAddress.map { $0 + done }, buffer.count - done)
      guard count > 0 else {
        throw failure(
          count == 0 ? "ends within '\(expected.name)' at byte \(position)" : "is damaged in '\(expected.name)'")
      }
      done += count
      position += count
    }
  }

  private func failure(_ reason: String) -> CheckpointError {
    if let error = source.error { return error }
    let detail = archive_error_string(archive).map { ": " + String(cString: $0) } ?? ""
    return CheckpointError(file: file.path, reason: reason + detail)
  }
}

/// What libarchive's callbacks read from: the file, a place in it and the buffer that was handed out last.
private final class ZipSource {
  private let file: RegularFile
  private var place = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
  /// Whether headers are being read, for which a large piece would be wasted.
  var wantsLittle = true
  /// The first error of the file itself.
  private(set) var error: CheckpointError?

  init(_ file: RegularFile) { self.file = file }

  deinit { buffer.deallocate() }

  static func of(_ pointer: UnsafeMutableRawPointer?) -> ZipSource? {
    pointer.map { Unmanaged<ZipSource>.fromOpaque($0).takeUnretainedValue() }
  }

  func read(_ result: UnsafeMutablePointer<UnsafeRawPointer?>?) -> Int {
    let count = min(max(file.size - place, 0), wantsLittle ? 1 << 12 : buffer.count)
    do throws(CheckpointError) {
      try file.read(at: place, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    } catch {
      self.error = self.error ?? error
      return -1
    }
    place += count
    result?.pointee = UnsafeRawPointer(buffer.baseAddress)
    return count
  }

  func skip(_ count: Int64) -> Int64 {
    let skipped = min(max(Int(count), 0), max(file.size - place, 0))
    place += skipped
    return Int64(skipped)
  }

  func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    let origin = whence == 0 ? 0 : whence == 1 ? place : file.size
    let (target, overflow) = origin.addingReportingOverflow(Int(offset))
    guard !overflow, target >= 0 else { return -1 }
    place = min(target, file.size)
    return Int64(place)
  }
}
