// Every format, compared with what the public tools that wrote the files say; and parts of tensors, with the whole.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Checkpoints")
struct CheckpointTests {
  @Test func `every fixture holds what the tool that wrote it says`() throws {
    let fixtures = try CheckpointFixtures.expected()
    #expect(fixtures.count == 20)
    for (file, expected) in fixtures {
      let checkpoint = try Checkpoint(at: CheckpointFixtures.path(file))
      if checkpoint.format == .safetensors {
        #expect(checkpoint.names.sorted() == expected.tensors.map(\.name).sorted())
      } else if checkpoint.format != .numpy {
        #expect(checkpoint.names == expected.tensors.map(\.name), "\(file)")
      }
      #expect(checkpoint.names.count == expected.tensors.count)
      for (key, value) in expected.metadata { #expect(checkpoint.metadata[key] == value, "\(file): \(key)") }
      for entry in expected.tensors {
        #expect(checkpoint.contains(entry.name))
        #expect(try checkpoint.elementType(of: entry.name).rawValue == entry.type, "\(file): \(entry.name)")
        #expect(try checkpoint.shape(of: entry.name) == entry.shape, "\(file): \(entry.name)")
        let tensor = try checkpoint.tensor(entry.name)
        #expect(tensor.shape == entry.shape)
        #expect(tensor.elements == entry.values, "\(file): \(entry.name)")
      }
    }
  }

  @Test func `more entries than one batch of instructions holds, and a set, by protocol 4`() throws {
    let checkpoint = try Checkpoint(at: CheckpointFixtures.path("protocol4-long.pth"))
    #expect(checkpoint.names == (0..<1100).map { "tensor.\($0)" })
    for index in [0, 999, 1000, 1099] {
      #expect(try checkpoint.tensor("tensor.\(index)").elements == [Float(index)])
    }
  }

  @Test func `parts and transposed parts are those of the whole`() throws {
    for (file, expected) in try CheckpointFixtures.expected() {
      let checkpoint = try Checkpoint(at: CheckpointFixtures.path(file))
      for entry in expected.tensors where entry.shape.count == 2 && !entry.shape.contains(0) {
        let whole = Tensor(entry.values, entry.shape)
        for (rows, columns) in [(0..<entry.shape[0], 0..<1), (0..<1, 0..<entry.shape[1]), (1..<entry.shape[0], 1..<2)]
        where rows.upperBound <= entry.shape[0] && columns.upperBound <= entry.shape[1] {
          let part = try checkpoint.tensor(entry.name, rows: rows, columns: columns)
          #expect(part == cut(whole, rows, columns), "\(file): \(entry.name)")
          let transposed = try checkpoint.tensor(entry.name, rows: rows, columns: columns, transposed: true)
          #expect(transposed == turned(part), "\(file): \(entry.name)")
        }
        #expect(try checkpoint.tensor(entry.name, transposed: true) == turned(whole))
      }
    }
  }

  @Test func `rows of vectors and cubes can be taken`() throws {
    let checkpoint = try Checkpoint(at: CheckpointFixtures.path("state.pth"))
    let cube = try checkpoint.tensor("cube")
    let part = try checkpoint.tensor("cube", rows: 1..<3)
    #expect(part.shape == [2, 2, 3])
    #expect(part.elements == Array(cube.elements[6..<18]))
    #expect(try checkpoint.tensor("row", rows: 1..<3).elements == Array(try checkpoint.tensor("row").elements[1..<3]))
    #expect(try checkpoint.tensor("row", rows: 4..<4).shape == [0])
  }

  @Test(arguments: [ElementType.f32, .f16, .u8]) func `large matrices are read in pieces`(type: ElementType) throws {
    let folder = try TemporaryFolder()
    let width = type.bits / 8
    for (rows, columns) in [(20, 40_000), (3000, 300), (1, 700_000), (300_000, 2)] {
      // Bytes below 64 keep halves and floats finite.
      var bytes = [UInt8](repeating: 0, count: rows * columns * width)
      for index in bytes.indices { bytes[index] = UInt8(truncatingIfNeeded: index &* 2_654_435_761 >> 11) & 63 }
      let header = """
        {"m":{"dtype":"\(type.rawValue)","shape":[\(rows),\(columns)],"data_offsets":[0,\(bytes.count)]}}
        """
      let path = try folder.file("\(rows).safetensors", safetensors(header, data: bytes))
      let checkpoint = try Checkpoint(at: path)
      let whole = try checkpoint.tensor("m")
      // Only the verdict: to show how two arrays of this length differ would take hours.
      let isWhole = whole.elements == floats(bytes, type)
      #expect(isWhole)
      #expect(try checkpoint.tensor("m", transposed: true) == turned(whole))
      let (top, left) = (rows / 3..<rows, columns / 5..<max(columns / 2, 1))
      #expect(try checkpoint.tensor("m", rows: top, columns: left) == cut(whole, top, left))
      #expect(
        try checkpoint.tensor("m", rows: top, columns: left, transposed: true) == turned(cut(whole, top, left)))
      let wide = 0..<columns - columns / 4
      #expect(try checkpoint.tensor("m", columns: wide, transposed: true) == turned(cut(whole, 0..<rows, wide)))
    }
  }

  @Test func `all halves are converted as the hardware converts them`() throws {
    let halves = (0...UInt16.max).map { $0 }
    var floats = [Float](repeating: 0, count: halves.count)
    halves.withUnsafeBytes { source in
      floats.withUnsafeMutableBufferPointer { target in
        guard let source = source.baseAddress, let target = target.baseAddress else { return }
        ElementType.f16.convert(source, count: halves.count, to: target)
      }
    }
    for (half, float) in zip(halves, floats) {
      let expected = Float(Float16(bitPattern: half))
      if expected.isNaN { #expect(float.isNaN) } else { #expect(float.bitPattern == expected.bitPattern) }
    }
  }

  @Test func `integers keep every bit`() throws {
    let checkpoint = try Checkpoint(at: CheckpointFixtures.path("types.safetensors"))
    #expect(try checkpoint.integers("int64") == [0, -1, 1 << 62, .min])
    #expect(try checkpoint.integers("uint64") == [.max, 1])
    #expect(try checkpoint.integers("bool") == [1, 0, 0, 1])
    #expect(try checkpoint.integers("int16") == [32767, -32768])
    #expect(throws: CheckpointError.self) { try checkpoint.integers("float32") }
    let folder = try TemporaryFolder()
    let beyond = safetensors(
      #"{"x":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}"#, data: integer(UInt64.max))
    let large = try Checkpoint(at: try folder.file("x", beyond))
    #expect(throws: CheckpointError.self) { try large.integers("x") }
    #expect(try large.tensor("x").elements == [18_446_744_073_709_551_616])
  }

  @Test func `what cannot be given is an error that says what there is`() throws {
    let checkpoint = try Checkpoint(at: CheckpointFixtures.path("types.safetensors"))
    func sentence(_ body: () throws -> Tensor) -> String? {
      (#expect(throws: CheckpointError.self) { _ = try body() })?.reason
    }
    #expect(sentence { try checkpoint.tensor("absent") } == "holds no tensor 'absent'")
    #expect(
      sentence { try checkpoint.tensor("float64", columns: 0..<1) }
        == "tensor 'float64' has the shape [4]; a matrix was expected")
    #expect(
      sentence { try checkpoint.tensor("scalar", transposed: true) }
        == "tensor 'scalar' has the shape []; a matrix was expected")
    #expect(
      sentence { try checkpoint.tensor("float32", rows: 1..<4) }
        == "tensor 'float32' has the shape [3, 4]; elements 1..<4 of axis 0 were asked for")
    #expect(
      sentence { try checkpoint.tensor("scalar", rows: 0..<1) }
        == "tensor 'scalar' has the shape []; elements 0..<1 of axis 0 were asked for")
    let narrow = try Checkpoint(at: CheckpointFixtures.path("unconverted.safetensors"))
    #expect(try narrow.elementType(of: "narrow") == .f8E4M3)
    #expect(
      sentence { try narrow.tensor("narrow") }
        == "tensor 'narrow' holds elements of type F8_E4M3, which are not converted to float32")
    let objects = try Checkpoint(at: CheckpointFixtures.path("objects.npz"))
    #expect(objects.names == ["object", "text", "big"])
    for (name, type) in [("object", "|O"), ("text", "<U1"), ("big", ">f4")] {
      #expect(
        sentence { try objects.tensor(name) }
          == "tensor '\(name)' holds elements of NumPy's type '\(type)', which are not read")
    }
  }

  /// Sizes of a model are the first bytes of a llama2.c file: 288 begins with a space, 10 and 266 with a new line, and
  /// 123 layers have the brace of safetensors where its header begins.
  @Test(arguments: [(10, 1), (32, 1), (266, 1), (288, 2), (8, 123)])
  func `llama2.c's sizes are not taken for text`(width: Int, layers: Int) throws {
    let folder = try TemporaryFolder()
    let (hidden, heads, vocabulary, context) = (3, 2, 5, 4)
    let sizes = [width, hidden, layers, heads, heads, vocabulary, context]
    let block = 2 * width + 4 * width * width + 3 * width * hidden
    let count = vocabulary * width + layers * block + width + context * 2 * (width / heads / 2)
    let bytes = sizes.flatMap { integer(Int32($0)) } + [UInt8](repeating: 0, count: 4 * count)
    let checkpoint = try Checkpoint(at: try folder.file("stories.bin", bytes))
    #expect(try checkpoint.shape(of: "tok_embeddings.weight") == [vocabulary, width])
    #expect(checkpoint.names.count { $0.hasSuffix("attention.wq.weight") } == layers)
  }

  @Test func `a file that is cut short after opening is an error`() throws {
    let folder = try TemporaryFolder()
    for name in ["types.safetensors", "legacy.pth", "stored.npz", "llama2c-tied.bin"] {
      let path = try folder.file(name, try CheckpointFixtures.bytes(name))
      let checkpoint = try Checkpoint(at: path)
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.truncate(atOffset: 10)
      let last = try #require(checkpoint.names.last { (try? checkpoint.shape(of: $0).contains(0)) == false })
      #expect(throws: CheckpointError.self, "\(name)") { try checkpoint.tensor(last) }
    }
  }

  @Test func `many tasks may read one checkpoint`() async throws {
    for name in ["state.pth", "deflated.npz", "types.safetensors"] {
      let checkpoint = try Checkpoint(at: CheckpointFixtures.path(name))
      let alone = try checkpoint.names.map { try checkpoint.tensor($0) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<4 {
          group.addTask {
            for (name, tensor) in zip(checkpoint.names, alone).reversed() {
              let again = try checkpoint.tensor(name)
              #expect(again == tensor)
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  // MARK: - Helpers

  private func cut(_ whole: Tensor, _ rows: Range<Int>, _ columns: Range<Int>) -> Tensor {
    let elements = whole.elements
    return Tensor(
      rows.flatMap { row in columns.map { elements[row * whole.shape[1] + $0] } }, [rows.count, columns.count])
  }

  private func turned(_ whole: Tensor) -> Tensor {
    let (elements, rows, columns) = (whole.elements, whole.shape[0], whole.shape[1])
    return Tensor(
      (0..<columns).flatMap { column in (0..<rows).map { elements[$0 * columns + column] } }, [columns, rows])
  }

  private func floats(_ bytes: [UInt8], _ type: ElementType) -> [Float] {
    bytes.withUnsafeBytes { raw in
      switch type {
      case .f32: raw.bindMemory(to: Float.self).map { $0 }
      case .f16: raw.bindMemory(to: Float16.self).map { Float($0) }
      default: raw.map { Float($0) }
      }
    }
  }
}
