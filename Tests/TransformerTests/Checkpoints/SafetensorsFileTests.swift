// Safetensors files as they are written, and every rule of the format broken once.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Safetensors files")
struct SafetensorsFileTests {
  @Test func `what is written is read again, in its order`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/written.safetensors"
    let tensors: [(name: String, tensor: Tensor)] = [
      ("z \"last\" \\ \n", Tensor([1, 2, 3, 4, 5, 6], [2, 3])), ("a", Tensor(-0.5)), ("empty", Tensor(zeros: [0, 4])),
      ("ünï", Tensor([.infinity, .leastNonzeroMagnitude], [2])),
    ]
    try SafetensorsFile.write(tensors, metadata: ["step": "7", "note": "\u{1} \"x\""], to: path)
    let checkpoint = try Checkpoint(at: path)
    #expect(checkpoint.names == tensors.map(\.name))
    #expect(checkpoint.metadata == ["step": "7", "note": "\u{1} \"x\""])
    for (name, tensor) in tensors { #expect(try checkpoint.tensor(name) == tensor) }
    let bytes = try Data(contentsOf: URL(filePath: path))
    #expect(bytes[0] % 8 == 0, "elements begin at a multiple of 8")
    try SafetensorsFile.write(tensors, metadata: ["note": "\u{1} \"x\"", "step": "7"], to: path)
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    #expect(try folder.names == ["written.safetensors"])
  }

  @Test func `a file that cannot be written leaves nothing behind`() throws {
    let folder = try TemporaryFolder()
    let tensors = [("a", Tensor(1)), ("a", Tensor(2))].map { (name: $0.0, tensor: $0.1) }
    let twice = #expect(throws: CheckpointError.self) {
      try SafetensorsFile.write(tensors, to: folder.path + "/x.safetensors")
    }
    #expect(twice?.reason == "cannot be written: the name 'a' is taken")
    #expect(throws: CheckpointError.self) {
      try SafetensorsFile.write([("__metadata__", Tensor(1))], to: folder.path + "/x.safetensors")
    }
    #expect(throws: CheckpointError.self) {
      try SafetensorsFile.write([("a", Tensor(1))], to: folder.path + "/absent/x.safetensors")
    }
    try FileManager.default.createDirectory(atPath: folder.path + "/taken", withIntermediateDirectories: false)
    #expect(throws: CheckpointError.self) { try SafetensorsFile.write([("a", Tensor(1))], to: folder.path + "/taken") }
    #expect(try folder.names == ["taken"])
  }

  @Test func `what is no regular file is not replaced, and a link's file is`() throws {
    let folder = try TemporaryFolder()
    let (pipe, file, link) = (folder.path + "/pipe", try folder.file("file", [1]), folder.path + "/link")
    #expect(mkfifo(pipe, 0o600) == 0)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: pipe)
    for path in [pipe, link] {
      let error = #expect(throws: CheckpointError.self) { try SafetensorsFile.write([("a", Tensor(1))], to: path) }
      #expect(error?.reason == "is not a regular file, and is not replaced by one")
    }
    try FileManager.default.removeItem(atPath: link)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: file)
    try SafetensorsFile.write([("a", Tensor(7))], to: link)
    #expect(try Checkpoint(at: file).tensor("a") == Tensor(7))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == file)
    #expect(try folder.names.sorted() == ["file", "link", "pipe"])
  }

  @Test func `the least file is a header of two bytes`() throws {
    let folder = try TemporaryFolder()
    #expect(try Checkpoint(at: try folder.file("x", safetensors("{}"))).names.isEmpty)
    #expect(try Checkpoint(at: try folder.file("x", safetensors("{}      "))).names.isEmpty)
  }

  @Test func `tensors may stand in another order than their elements`() throws {
    let folder = try TemporaryFolder()
    let header = """
      {"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]},"e":{"dtype":"F32","shape":[0],"data_offsets":[2,2]},\
      "a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}
      """
    let checkpoint = try Checkpoint(at: try folder.file("x", safetensors(header, data: [1, 2, 3])))
    #expect(checkpoint.names == ["b", "e", "a"])
    #expect(try checkpoint.integers("b") == [3])
    #expect(try checkpoint.integers("a") == [1, 2])
  }

  private static func one(_ type: String, _ shape: String, _ offsets: String) -> String {
    #"{"x":{"dtype":"\#(type)","shape":\#(shape),"data_offsets":\#(offsets)}}"#
  }

  @Test(arguments: [
    (one("F32", "[2]", "[0,4]"), 4, "tensor 'x' has 4 bytes; [2] elements of type F32 need 8"),
    (one("F99", "[1]", "[0,4]"), 4, "tensor 'x' has the unknown dtype 'F99'"),
    (one("OTHER", "[1]", "[0,0]"), 0, "tensor 'x' has the unknown dtype 'OTHER'"),
    (one("F32", "[1]", "[4,8]"), 8, "tensor 'x' begins at byte 4 and leaves a hole before it, which ends at 0"),
    (one("F32", "[1]", "[0,4]"), 5, "has 5 bytes of elements; its tensors fill 4"),
    (one("F32", "[2]", "[0,8]"), 4, "tensor 'x' ends at byte 8 of 4 bytes of elements"),
    (one("F32", "[1]", "[4,0]"), 4, "tensor 'x' has data_offsets that are not a beginning and an end"),
    (one("F32", "[1]", "[0]"), 4, "tensor 'x' has data_offsets that are not a beginning and an end"),
    (one("F32", "[-1]", "[0,4]"), 4, "tensor 'x' has a shape that is not a list of at most 64 sizes"),
    (one("F32", "[1.0]", "[0,4]"), 4, "tensor 'x' has a shape that is not a list of at most 64 sizes"),
    (
      one("F32", "[4611686018427387904,4]", "[0,4]"), 4,
      "tensor 'x' has a shape [4611686018427387904, 4] whose size in bytes is not a countable whole number"
    ),
    (
      one("F32", "[4611686018427387904,4,0]", "[0,0]"), 0,
      "tensor 'x' has a shape [4611686018427387904, 4, 0] whose size in bytes is not a countable whole number"
    ),
    (
      one("F4", "[3]", "[0,1]"), 1,
      "tensor 'x' has a shape [3] whose size in bytes is not a countable whole number"
    ),
    (#"{"x":{"dtype":"F32","shape":[1]}}"#, 4, "tensor 'x' lacks one of dtype, shape and data_offsets"),
    (#"{"x":7}"#, 4, "tensor 'x' lacks one of dtype, shape and data_offsets"),
    (#"{"__metadata__":{"a":1}}"#, 0, "has metadata 'a' that is not a text"),
    (#"{"__metadata__":[]}"#, 0, "has metadata that is not an object"),
    (#"{"x":1,"x":1}"#, 0, "has a header that is not JSON: byte 15: the name \"x\" stands twice in one object"),
    (#"{"x":"#, 0, "has a header that is not JSON: byte 13: the text ends where a value should stand"),
    (
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3,
      "tensor 'b' begins at byte 1 and overlaps the tensor before it, which ends at 2"
    ),
  ]) func `a broken rule is named`(header: String, data: Int, sentence: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("x", safetensors(header, data: [UInt8](repeating: 0, count: data)))
    #expect(reason(path) == sentence)
  }

  @Test func `the header's length is not believed`() throws {
    let folder = try TemporaryFolder()
    let body: [UInt8] = [0x7b, 0x7d]
    #expect(
      reason(try folder.file("x", integer(UInt64.max) + body))
        == "has a header of 18446744073709551615 bytes; the format allows 100000000")
    #expect(
      reason(try folder.file("x", integer(UInt64(100)) + body))
        == "ends at byte 10, within its header of 100 bytes")
    #expect(reason(try folder.file("x", integer(UInt64(0)) + body)) == "has a header that does not begin with '{'")
  }
}
