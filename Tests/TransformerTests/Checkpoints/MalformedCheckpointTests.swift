// Files that are not what they seem: each fault is refused with its sentence, and none costs memory or time.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Malformed checkpoints")
struct MalformedCheckpointTests {
  // MARK: - Files and folders

  @Test func `what is no regular file is refused`() throws {
    let folder = try TemporaryFolder()
    #expect(reason(folder.path + "/absent") == "cannot be opened: No such file or directory")
    #expect(reason(try folder.file("empty", [])) == "is empty")
    #expect(reason("/dev/null") == "is not a regular file")
    let pipe = folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(reason(pipe) == "is not a regular file")
    #expect(reason(folder.path + "/a\0b") == "the path holds a zero byte")
    let unknown = "is no checkpoint: safetensors, PyTorch zip or legacy, npy, npz, llm.c, llama2.c or an index is read"
    #expect(reason(try folder.file("text", Array("Once upon a time there was a little girl".utf8))) == unknown)
    #expect(reason(try folder.file("short", [1])) == unknown)
    #expect(
      reason(try folder.file("pickle", [0x80, 0x02, 0x7d, 0x2e]))
        == "is a pickle, but not one that torch.save writes; save the state dictionary itself")
  }

  @Test func `a folder needs one checkpoint`() throws {
    let folder = try TemporaryFolder()
    let usual = "model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json"
    #expect(reason(folder.path) == "the folder holds none of \(usual), and no other checkpoint")
    let bytes = try CheckpointFixtures.bytes("types.safetensors")
    _ = try folder.file("b.safetensors", bytes)
    #expect(try Checkpoint(at: folder.path).contains("float32"))
    #expect(try Checkpoint(at: folder.path + "/").contains("float32"))
    _ = try folder.file("a.pth", bytes)
    #expect(reason(folder.path) == "the folder holds none of \(usual), but several others: a.pth, b.safetensors")
    _ = try folder.file("model.safetensors", safetensors("{}"))
    #expect(try Checkpoint(at: folder.path).names.isEmpty)
  }

  @Test(arguments: [
    (#"{}"#, "is JSON, but no index of a checkpoint: it has no object 'weight_map'"),
    (#"{"weight_map":{}}"#, "names no tensor"),
    (#"{"weight_map":{"a":1}}"#, "names no file for the tensor 'a'"),
    (
      #"{"weight_map":{"a":"../x"}}"#,
      "names the file '../x' for the tensor 'a'; a file beside the index was expected"
    ),
    (#"{"weight_map":{"a":".."}}"#, "names the file '..' for the tensor 'a'; a file beside the index was expected"),
    (#"{"weight_map":{"a":"absent"}}"#, "cannot be opened: No such file or directory"),
    (#"{"weight_map":{"a":"x.index.json"}}"#, "is JSON; a file of tensors was expected"),
    (#"{"weight_map":{"a":"s"}}"#, "says that 's' holds the tensor 'a', which it does not"),
    (#"{"weight_map":"#, "is not JSON: byte 14: the text ends where a value should stand"),
  ]) func `an index is checked`(text: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("s", safetensors("{}"))
    #expect(reason(try folder.file("x.index.json", Array(text.utf8))) == sentence)
  }

  // MARK: - PyTorch

  @Test func `a pickle that would call something is refused by the name`() throws {
    #expect(
      reason(CheckpointFixtures.path("hostile.pth"))?.hasSuffix(
        "it refers to __builtin__.print, which is not among the names that tensors need; nothing was run") == true)
    #expect(
      reason(CheckpointFixtures.path("hostile-protocol4.pth"))?.hasSuffix(
        "it refers to builtins.print, which is not among the names that tensors need; nothing was run") == true)
    #expect(
      reason(CheckpointFixtures.path("bytes-protocol5.pth"))?.hasSuffix(
        "the instruction BYTEARRAY8 is not one that a checkpoint needs") == true)
    #expect(
      reason(CheckpointFixtures.path("expanded.pth"))?.hasSuffix(
        "a tensor [1000, 1000] repeats elements of a storage of 1; save a contiguous copy") == true)
  }

  /// Pickles in place of the object of a legacy file, which is otherwise right.
  private static let storage =
    "(X\u{7}\0\0\0storagectorch\nFloatStorage\nX\u{1}\0\0\0kX\u{3}\0\0\0cpuK\u{4}tQ"

  private static func tensor(_ offset: String, _ shape: String, _ strides: String) -> String {
    "ctorch._utils\n_rebuild_tensor_v2\n(\(storage)\(offset)\(shape)\(strides)\u{89}ccollections\nOrderedDict\n)RtR"
  }

  private static func escaped(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value & 0xff) } }

  private func legacy(_ object: [UInt8], keys: String = "]X\u{1}\0\0\0ka.", data: [UInt8]? = nil) -> [UInt8] {
    [0x80, 2] + TorchLegacy.magic + [0x80, 2, 0x4d, 0xe9, 0x03, 0x2e] + [0x80, 2, 0x7d, 0x2e] + [0x80, 2] + object + [
      0x2e
    ]
      + [0x80, 2] + Self.escaped(keys) + (data ?? integer(Int64(4)) + [UInt8](repeating: 0, count: 16))
  }

  @Test func `a legacy file made by hand is read`() throws {
    let folder = try TemporaryFolder()
    let object = Self.escaped("}X\u{1}\0\0\0w" + Self.tensor("K\0", "K\u{2}K\u{2}\u{86}", "K\u{2}K\u{1}\u{86}") + "s")
    let checkpoint = try Checkpoint(at: try folder.file("x", legacy(object)))
    #expect(checkpoint.names == ["w"])
    #expect(try checkpoint.tensor("w") == Tensor(zeros: [2, 2]))
  }

  @Test(arguments: [
    (
      tensor("K\u{1}", "K\u{4}\u{85}", "K\u{1}\u{85}"),
      "a tensor [4] with strides [1] reaches beyond its storage of 4 elements"
    ),
    (
      tensor("K\0", "K\u{2}K\u{2}\u{86}", "K\u{3}K\u{1}\u{86}"),
      "a tensor [2, 2] with strides [3, 1] reaches beyond its storage of 4 elements"
    ),
    (
      tensor("K\0", "K\u{8}\u{85}", "K\0\u{85}"),
      "a tensor [8] repeats elements of a storage of 4; save a contiguous copy"
    ),
    (tensor("K\0", "K\u{2}\u{85}", "K\u{1}K\u{1}\u{86}"), "a tensor is not described as PyTorch does"),
    (tensor("J\u{ff}\u{ff}\u{ff}\u{ff}", "K\u{2}\u{85}", "K\u{1}\u{85}"), "a tensor is not described as PyTorch does"),
    (
      "cos\nsystem\n(X\u{2}\0\0\0lstR",
      "it refers to os.system, which is not among the names that tensors need; nothing was run"
    ),
    ("}(K\u{1}u", "a key of a dictionary has no value"), ("]K\u{1}K\u{1}s", "an entry is set in what is no dictionary"),
    ("}K\u{1}a", "something is appended to what is no list"), ("h\u{5}", "the memo has no entry 5"),
    ("R", "a value is missing"), ("q\0", "a value is missing"), ("t", "a mark is missing"),
    ("(K\u{1}", "values are left over at its end"), ("(", "a value is missing"),
    ("K\u{1}K\u{1}", "values are left over at its end"), ("K\u{1})R", "something is called that is no name"),
    ("ccollections\nOrderedDict\nK\u{1}R", "arguments are no tuple"),
    ("ccollections\nOrderedDict\nK\u{1}\u{85}R", "a dictionary is made of something that is no list of pairs"),
    ("ctorch\nfloat32\n)R", "a name is called with 0 arguments, or is one that is not called"),
    ("K\u{1}}b", "attributes are set on something that is no dictionary and no tensor"),
    ("K\u{1}Q", "a storage is not described as PyTorch does"), ("X\u{1}\0\0\0\u{ff}", "a text is not UTF-8"),
    ("X\u{ff}\u{ff}\u{ff}\u{7f}", "it ends within an instruction"),
    ("2", "the instruction DUP is not one that a checkpoint needs"),
    ("\u{92}", "the instruction NEWOBJ_EX is not one that a checkpoint needs"),
    ("\u{93}", "a value is missing"), ("K\u{1}K\u{1}\u{93}", "a name is made of something that is no text"),
    (
      "\u{8c}\u{2}os\u{8c}\u{6}system\u{93}(X\u{2}\0\0\0lstR",
      "it refers to os.system, which is not among the names that tensors need; nothing was run"
    ),
    ("\u{94}", "a value is missing"), ("\u{8c}\u{ff}x", "it ends within an instruction"),
    ("\u{95}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}", "it says that 18446744073709551615 bytes follow; 36 do"),
    ("\u{8d}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{7f}", "it says that 9223372036854775807 bytes follow; 36 do"),
    ("]K\u{1}\u{90}", "a mark is missing"), ("\u{80}\u{6}", "it has protocol 6; 2 to 5 are read"),
    ("\u{80}\u{1}", "it has protocol 1; 2 to 5 are read"),
    ("i", "the instruction INST is not one that a checkpoint needs"),
    ("\u{1}", "the instruction 0x1 is not one that a checkpoint needs"),
    ("c" + String(repeating: "x", count: 2000), "has a line of more than 1000 bytes"),
  ]) func `a pickle's fault is named`(object: String, sentence: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.file("x", legacy(Self.escaped(object)))
    let found = try #require(reason(path))
    #expect(found.hasPrefix("byte ") && found.hasSuffix(" of the pickle: " + sentence), "\(found)")
  }

  @Test func `a tensor of another type than its storage is refused`() throws {
    let folder = try TemporaryFolder()
    let empty = "ccollections\nOrderedDict\n)R"
    let object =
      "ctorch._utils\n_rebuild_tensor_v3\n(\(Self.storage)K\0K\u{4}\u{85}K\u{1}\u{85}\u{89}\(empty)ctorch\nfloat64\ntR"
    let found = try #require(reason(try folder.file("x", legacy(Self.escaped(object)))))
    #expect(found.hasSuffix("a tensor of f64 lies in a storage of another type"), "\(found)")
  }

  @Test func `long names with many children are refused before they are spelt out`() throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "A", count: 1_000_000)
    var object = Self.escaped("}X") + integer(UInt32(name.utf8.count)) + Array(name.utf8) + Self.escaped("}(")
    for child in 0..<20_000 { object += [0x4a] + integer(Int32(child)) + [0x4e] }
    object += Self.escaped("us")
    let path = try folder.file("x", legacy(object, keys: "].", data: []))
    #expect(reason(path)?.hasSuffix("has names of more than 67108864 bytes") == true)
  }

  @Test func `the parts of a legacy file must fit together`() throws {
    let folder = try TemporaryFolder()
    let object = Self.escaped(Self.tensor("K\0", "K\u{2}\u{85}", "K\u{1}\u{85}"))
    func reason(_ bytes: [UInt8]) throws -> String? { TransformerTests.reason(try folder.file("x", bytes)) }
    #expect(try Checkpoint(at: try folder.file("x", legacy(object))).names == ["tensor"])
    #expect(try reason(legacy(object, keys: "].")) == "has 24 bytes after its last storage")
    #expect(try reason(legacy(object, keys: "].", data: [])) == "lacks a storage that a tensor needs")
    #expect(try reason(legacy(object, keys: "]X\u{1}\0\0\0za.")) == "lists a storage that no tensor has")
    #expect(try reason(legacy(object, keys: "K\u{1}.")) == "has no list of storages")
    #expect(
      try reason(legacy(object, data: integer(Int64(5)) + [UInt8](repeating: 0, count: 20)))
        == "has 5 elements in the storage 'k'; 4 were expected, within the file")
    #expect(
      try reason(legacy(object, data: integer(Int64(4)) + [0]))
        == "has 4 elements in the storage 'k'; 4 were expected, within the file")
    #expect(try reason(legacy(object, data: [])) == "ends before the storage 'k'")
    #expect(try reason(legacy([0x7d], keys: "].", data: [])) == "holds no tensor")
  }

  @Test func `nesting and sharing cannot exhaust anything`() throws {
    let folder = try TemporaryFolder()
    func reason(_ object: [UInt8]) throws -> String? {
      TransformerTests.reason(try folder.file("x", legacy(object, keys: "].", data: [])))
    }
    // Two million nested tuples, freed without recursion.
    #expect(try reason([0x29] + [UInt8](repeating: 0x85, count: 2_000_000)) == "nests deeper than 16")
    // A list that holds itself.
    #expect(try reason([0x5d, 0x71, 0, 0x68, 0, 0x61]) == "nests deeper than 16")
    // Fourteen levels of ten references to the level below: 10¹⁴ leaves in 400 bytes.
    var bomb: [UInt8] = [0x5d, 0x71, 0]
    for level in 1...14 as ClosedRange<UInt8> {
      bomb += [0x28]
      for _ in 0..<10 { bomb += [0x68, level - 1] }
      bomb += [0x74, 0x71, level]
    }
    // All levels are on the stack; pairs make them one value.
    bomb += [UInt8](repeating: 0x86, count: 14)
    #expect(try reason(bomb) == "spells out more than 1000000 values")
    // More values than any checkpoint has.
    #expect(
      try reason([0x28] + [UInt8](repeating: 0x4e, count: 5_000_000) + [0x74])?.hasSuffix(
        "it makes more than 4000000 values")
        == true)
  }

  @Test func `a torch archive must be whole`() throws {
    let folder = try TemporaryFolder()
    let bytes = try CheckpointFixtures.bytes("state.pth")
    for count in [4, 30, bytes.count / 2, bytes.count - 1] {
      let found = try #require(reason(try folder.file("x", Array(bytes.prefix(count)))))
      #expect(found.contains("zip archive"), "\(found)")
    }
    // A byte of a tensor: the checksum tells.
    let values = try Checkpoint(at: CheckpointFixtures.path("state.pth")).tensor("bfloat16").elements
    let halves = values.flatMap { integer(UInt16($0.bitPattern >> 16)) }
    let place = try #require(
      (0..<bytes.count - halves.count).first { bytes[$0..<$0 + halves.count].elementsEqual(halves) })
    var flipped = bytes
    flipped[place] ^= 1
    let checkpoint = try Checkpoint(at: try folder.file("x", flipped))
    let error = #expect(throws: CheckpointError.self) { try checkpoint.tensor("bfloat16") }
    #expect(error?.reason.contains("CRC") == true)
  }

  // MARK: - NumPy, llm.c and llama2.c

  @Test func `arrays of NumPy are checked`() throws {
    let folder = try TemporaryFolder()
    let bytes = try CheckpointFixtures.bytes("fortran.npy")
    #expect(try Checkpoint(at: try folder.file("a.npy", bytes)).names == ["a"])
    #expect(
      reason(try folder.file("a.npy", bytes + [0]))
        == "array 'a' has 49 bytes of elements; the shape [3, 4] of type '<f4' needs others")
    #expect(
      reason(try folder.file("a.npy", Array(bytes.prefix(40))))
        == "array 'a' ends at byte 40, within its header of 128 bytes")
  }

  @Test func `headers without names must fill the file to the byte`() throws {
    let folder = try TemporaryFolder()
    for name in ["llmc-float32.bin", "llmc-bfloat16.bin", "llama2c-tied.bin", "llama2c-untied.bin"] {
      let bytes = try CheckpointFixtures.bytes(name)
      let more = try #require(reason(try folder.file("x", bytes + [0])))
      #expect(more == "has \(bytes.count + 1) bytes; the sizes in its header need \(bytes.count)")
      let less = try #require(reason(try folder.file("x", Array(bytes.dropLast()))))
      #expect(less.hasPrefix("ends at byte \(bytes.count - 1), within '"))
    }
    var bytes = try CheckpointFixtures.bytes("llmc-float32.bin")
    #expect(reason(try folder.file("x", Array(bytes.prefix(1000)))) == "ends within its header of 1024 bytes")
    bytes[4] = 4
    #expect(
      reason(try folder.file("x", bytes))
        == "is an llm.c checkpoint of version 4; 3 (float32) and 5 (bfloat16) are read")
    bytes.replaceSubrange(4..<12, with: integer(Int32(3)) + integer(Int32(-6)))
    #expect(reason(try folder.file("x", bytes)) == "has a header with impossible sizes: [-6, 11, 2, 2, 4, 16]")
  }
}
