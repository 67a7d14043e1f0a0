// Files as checkpoints are read: opened once, checked to be regular, and read piece by piece at given places.
//
// Pieces are read with pread and not through a memory map: it is as fast, the peak is the same, and a file that is cut
// short while it is read gives an error where touching a mapped page would kill the process (SIGBUS).

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file, open for reading as long as somebody holds it.
final class RegularFile: Sendable {
  /// The path that it was opened by.
  let path: String
  /// The number of bytes when it was opened.
  let size: Int

  private let descriptor: Int32

  /// Opens a file; what is no regular file (a folder, a pipe, a device) is refused without waiting for it.
  init(path: String) throws(CheckpointError) {
    self.path = path
    guard !path.utf8.contains(0) else { throw CheckpointError(file: path, reason: "the path holds a zero byte") }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw CheckpointError(file: path, reason: "cannot be opened: \(String(cString: strerror(errno)))")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw CheckpointError(file: path, reason: "is not a regular file")
    }
    self.descriptor = descriptor
    size = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills a buffer with the bytes that begin at a place.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(CheckpointError) {
    var done = 0
    while done < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
      let count = pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(offset + done))
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw CheckpointError(file: path, reason: "cannot be read: \(String(cString: strerror(errno)))")
      }
      guard count > 0 else {
        throw CheckpointError(
          file: path, reason: "ends at byte \(offset + done), though it had \(size) bytes when it was opened")
      }
      done += count
    }
  }

  /// The bytes of a range, which must lie within the file.
  func bytes(_ range: Range<Int>) throws(CheckpointError) -> [UInt8] {
    try filledBytes(range.count) { buffer throws(CheckpointError) in try read(at: range.lowerBound, into: buffer) }
  }
}

/// So many bytes, which a closure writes.
func filledBytes(
  _ count: Int, by fill: (UnsafeMutableRawBufferPointer) throws(CheckpointError) -> Void
) throws(CheckpointError) -> [UInt8] {
  var bytes = [UInt8](repeating: 0, count: count)
  // The array's own closure cannot throw a typed error.
  let result: Result<Void, CheckpointError> = bytes.withUnsafeMutableBytes { buffer in
    do throws(CheckpointError) { return .success(try fill(buffer)) } catch { return .failure(error) }
  }
  try result.get()
  return bytes
}

extension JSONValue {
  /// Reads a JSON file.
  public init(contentsOf path: String) throws(CheckpointError) {
    let file = try RegularFile(path: path)
    try self.init(file: path, bytes: try file.bytes(0..<file.size))
  }

  /// Reads the JSON text that a file holds.
  init(file: String, bytes: [UInt8]) throws(CheckpointError) {
    do throws(JSONError) { try self.init(bytes: bytes, name: file) } catch {
      throw CheckpointError(file: file, reason: "is not JSON: byte \(error.offset): \(error.reason)")
    }
  }
}
