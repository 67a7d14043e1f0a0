// Writes safetensors files: tensors in the order they are given, the same bytes for the same tensors.

import Tensors

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension SafetensorsFile {
  /// Writes tensors as F32 in one step: whoever looks sees the old file or the new, never half of it.
  ///
  /// - Parameters:
  ///   - tensors: Names and tensors, in the order that the file will have; each name once.
  ///   - metadata: Texts that the header carries, written in the order of their names.
  ///   - path: The file; one that is there is replaced, where a link leads to one that.
  /// - Throws: When the file cannot be written, what is there is no regular file, or a name stands twice or is
  ///   `__metadata__`.
  public static func write(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String
  ) throws(CheckpointError) {
    let header = try header(tensors, metadata, path)
    let path = try destination(path)
    let temporary = path + ".\(getpid()).\(UInt32.random(in: 0 ... .max)).partial"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(path) }
    var isWritten = header.withUnsafeBytes { append($0, to: descriptor) }
    for (_, tensor) in tensors where isWritten {
      isWritten = tensor.withUnsafeElements { append(UnsafeRawBufferPointer($0), to: descriptor) }
    }
    // A full disk may show only when the file is closed.
    var error = isWritten ? nil : failure(path)
    if close(descriptor) != 0, error == nil { error = failure(path) }
    if error == nil, rename(temporary, path) != 0 { error = failure(path) }
    if let error {
      unlink(temporary)
      throw error
    }
  }

  /// The file that is to be replaced or made: a link's target, and nothing that is no regular file.
  private static func destination(_ path: String) throws(CheckpointError) -> String {
    var status = stat()
    guard lstat(path, &status) == 0 else { return path }
    if status.st_mode & S_IFMT == S_IFREG { return path }
    let isLink = status.st_mode & S_IFMT == S_IFLNK
    guard isLink, stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let target = realpath(path, nil) else {
      throw CheckpointError(file: path, reason: "is not a regular file, and is not replaced by one")
    }
    defer { free(target) }
    return String(cString: target)
  }

  private static func failure(_ path: String) -> CheckpointError {
    CheckpointError(file: path, reason: "cannot be written: \(String(cString: strerror(errno)))")
  }

  /// The length and the text of the header, padded so that the elements begin at a multiple of 8.
  private static func header(
    _ tensors: [(name: String, tensor: Tensor)], _ metadata: [String: String], _ path: String
  ) throws(CheckpointError) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let texts = metadata.sorted { $0.key < $1.key }.map {
        "\(JSONValue.quoted($0.key)):\(JSONValue.quoted($0.value))"
      }
      members.append("\"__metadata__\":{\(texts.joined(separator: ","))}")
    }
    var names: Set<ExactString> = [ExactString("__metadata__")]
    var place = 0
    for (name, tensor) in tensors {
      guard names.insert(ExactString(name)).inserted else {
        throw CheckpointError(file: path, reason: "cannot be written: the name '\(name)' is taken")
      }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = place + tensor.count * 4
      members.append(
        "\(JSONValue.quoted(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(place),\(end)]}")
      place = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    while text.count % 8 != 0 { text.append(UInt8(ascii: " ")) }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian) { Array($0) } + text
  }
}

/// Appends all bytes to an open file; returns false, with `errno` set, when that is not possible.
private func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Bool {
  var done = 0
  while done < bytes.count {
    let count = write(descriptor, bytes.baseAddress.map { $0 + done }, min(bytes.count - done, 1 << 30))
    if count < 0, errno == EINTR { continue }
    guard count > 0 else { return false }
    done += count
  }
  return true
}
