// Streaming: every activation once, mixed, in an order that the seed gives, in memory that does not grow.

import Tensors
import Testing
import ToyModels

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite("A stream of activations", .serialized)
struct ActivationStreamTests {
  /// Activations that are their own numbers, in chunks of different sizes.
  private func numbers(_ sizes: [Int]) -> GeneratedActivations<Never> {
    GeneratedActivations(chunks: sizes.count) { chunk in
      let start = sizes[..<chunk].reduce(0, +)
      return Tensor((0..<sizes[chunk]).map { Float(start + $0) }, [sizes[chunk], 1])
    }
  }

  private func drained<Source: ActivationSource>(
    _ stream: ActivationStream<Source>
  ) throws(Source.Failure) -> [[Float]] {
    var (stream, batches) = (stream, [[Float]]())
    while let batch = try stream.nextBatch() { batches.append(batch.elements) }
    return batches
  }

  @Test("gives each activation once, in batches of one size but for the last")
  func once() {
    let sizes = [7, 100, 1, 0, 43, 250, 12]
    let stream = ActivationStream(
      from: numbers(sizes), inputs: 1, capacity: 64, batchSize: 16, using: RandomStream(seed: 1))
    let batches = drained(stream)
    #expect(batches.flatMap { $0 }.sorted() == (0..<413).map(Float.init))
    #expect(batches.dropLast().allSatisfy { $0.count == 16 } && batches.last?.count == 413 % 16)
  }

  @Test("mixes as far as its buffer reaches, in the order of its seed")
  func order() {
    func batches(seed: UInt64) -> [[Float]] {
      drained(
        ActivationStream(
          from: numbers(Array(repeating: 50, count: 40)), inputs: 1, capacity: 400, batchSize: 20,
          using: RandomStream(seed: seed)))
    }
    let first = batches(seed: 1)
    #expect(first == batches(seed: 1))
    #expect(first != batches(seed: 2))
    // The first batch is of the whole buffer, not of its beginning, and of nothing that is not there yet.
    #expect(first[0].max() ?? 0 > 200 && first[0].min() ?? 400 < 200 && first[0].max() ?? 400 < 400)
  }

  private enum Broken: Error { case source }

  @Test("passes on what the source throws")
  func failures() {
    let source = GeneratedActivations<Broken>(chunks: 9) { chunk throws(Broken) in
      if chunk == 3 { throw .source }
      return Tensor(zeros: [10, 1])
    }
    #expect(throws: Broken.source) {
      try drained(ActivationStream(from: source, inputs: 1, capacity: 20, batchSize: 5, using: RandomStream(seed: 1)))
    }
  }

  @Test("needs memory for its buffer, however many activations go through")
  func memory() async {
    // In a process of its own, where no other test allocates.
    await #expect(processExitsWith: .success) {
      for mebibytes in [32, 128, 512] {
        let growth = try Self.growth(mebibytes: mebibytes)
        #expect(growth < 16 << 20, "\(growth >> 20) MiB more for \(mebibytes) MiB of activations")
      }
    }
  }

  /// How much more memory is in use at most while activations go through a buffer of 4 MiB, in chunks of 1 MiB.
  private static func growth(mebibytes: Int) throws -> Int {
    let source = GeneratedActivations<Never>(chunks: mebibytes) { Tensor(repeating: Float($0), [1024, 256]) }
    let before = try residentBytes()
    var stream = ActivationStream(
      from: source, inputs: 256, capacity: 4096, batchSize: 512, using: RandomStream(seed: 1))
    var (largest, seen) = (before, 0)
    while let batch = stream.nextBatch() {
      seen += batch.shape[0]
      #expect(stream.buffered <= stream.capacity)
      largest = max(largest, try residentBytes())
    }
    #expect(seen == mebibytes * 1024)
    return largest - before
  }

  private struct Unknown: Error {}

  /// The memory of this process that is in use now.
  private static func residentBytes() throws -> Int {
    #if os(Linux)
      guard let file = fopen("/proc/self/statm", "r") else { throw Unknown() }
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      guard fgets(&line, 256, file) != nil else { throw Unknown() }
      let fields = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self).split(separator: " ")
      guard fields.count > 1, let pages = Int(fields[1]) else { throw Unknown() }
      return pages * Int(getpagesize())
    #else
      var info = mach_task_basic_info()
      var count = mach_msg_type_number_t(MemoryLayout<mach_task_basic_info>.size / MemoryLayout<natural_t>.size)
      let status = withUnsafeMutablePointer(to: &info) {
        $0.withMemoryRebound(to: integer_t.self, capacity: Int(count)) {
          task_info(mach_task_self_, task_flavor_t(MACH_TASK_BASIC_INFO), $0, &count)
        }
      }
      guard status == KERN_SUCCESS else { throw Unknown() }
      return Int(info.resident_size)
    #endif
  }
}
