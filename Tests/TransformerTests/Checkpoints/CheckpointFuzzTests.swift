// Damaged checkpoints of every format: whatever a file says, reading it gives tensors or an error, soon and in little memory.
//
// Short here. For a long run, from the package's root and with bounded memory:
//   ulimit -v 8000000; REPLICATIONS_FUZZ_ROUNDS=200000 swift test -c release -Xswiftc -enable-testing --filter CheckpointFuzz
// The last long run, on 2026-11-23 with 100,000 rounds of the seed below: 100,000 checkpoints, 50,000 configurations and
// indices, 10,000 tokenizers. No crash, no file over 20 s, less than 256 MB more in each process; 79 s on two shared cores.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Damaged checkpoints")
struct CheckpointFuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let rounds = environment["REPLICATIONS_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1500
  private static let seed = environment["REPLICATIONS_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_220_914

  /// In a process of its own, whose memory nobody else uses.
  @Test func `no damage does more than give an error, in little memory`() async {
    await #expect(processExitsWith: .success) { try Self.damageCheckpoints() }
  }

  @Test func `no damage to configurations, indices and tokenizers does more, either`() async {
    await #expect(processExitsWith: .success) { try Self.damageTexts() }
  }

  private static func damageCheckpoints() throws {
    let names = try FileManager.default.subpathsOfDirectory(atPath: CheckpointFixtures.folder)
      .filter { name in [".safetensors", ".pth", ".pt", ".bin", ".npz", ".npy"].contains { name.hasSuffix($0) } }
      .sorted()
    let originals = try names.map { try CheckpointFixtures.bytes($0) }
    #expect(originals.count >= 20)
    let folder = try TemporaryFolder()
    try damage(originals, at: folder.file("damaged", []), rounds: rounds) { _, path in
      do throws(CheckpointError) {
        let checkpoint = try Checkpoint(at: path)
        for name in checkpoint.names { read(name, checkpoint) }
        return true
      } catch {
        #expect(!error.reason.isEmpty)
        return false
      }
    }
  }

  private static func damageTexts() throws {
    let root = URL(filePath: FamilyFixture.folder).appending(path: "../..").standardizedFileURL
    func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: root.appending(path: path))) }
    // A configuration beside weights that it may fit no more, an index beside its shards, tokenizers by themselves.
    let folders = ["gpt2", "llama3", "gemma2", "gpt-neox", "llama-sharded"].map { "transformer/families/\($0)" }
    for (count, family) in folders.enumerated() {
      let folder = try TemporaryFolder()
      for name in try FileManager.default.contentsOfDirectory(atPath: root.appending(path: family).path)
      where name.hasPrefix("model") || name == "config.json" {
        try FileManager.default.copyItem(
          atPath: root.appending(path: "\(family)/\(name)").path, toPath: "\(folder.path)/\(name)")
      }
      let name = family.hasSuffix("sharded") ? "model.safetensors.index.json" : "config.json"
      let original = try bytes("\(family)/\(name)")
      try damage([original], at: "\(folder.path)/\(name)", rounds: rounds / 10, from: count * 1_000_000) { _, _ in
        do throws(CheckpointError) {
          _ = try HookedTransformer(contentsOf: folder.path)
          return true
        } catch {
          #expect(!error.reason.isEmpty)
          return false
        }
      }
      withExtendedLifetime(folder) {}
    }
    for (count, name) in ["gpt2/tokenizer.json", "llama2/tokenizer.json"].enumerated() {
      let folder = try TemporaryFolder()
      let original = try bytes("tokenizers/\(name)")
      try damage(
        [original], at: folder.file("tokenizer.json", []), rounds: rounds / 20, from: (count + 10) * 1_000_000
      ) { _, path in
        do throws(TokenizerError) {
          let tokenizer = try Tokenizer(contentsOf: URL(filePath: path))
          _ = try? tokenizer.toTokens("Some words, 12 é\u{301} 日本", prependBOS: false, parsingSpecial: true)
          return true
        } catch {
          return false
        }
      }
    }
  }

  /// Damages files over and over; `open` says whether one could be read.
  ///
  /// One file is written over and over: a new one each time would cost more than everything else.
  private static func damage(
    _ originals: [[UInt8]], at path: String, rounds: Int, from first: Int = 0, _ open: (Int, String) -> Bool
  ) throws {
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    let stream = RandomStream(seed: seed)
    var (opened, refused, slowest) = (0, 0, Duration.zero)
    let before = try peakMemory()
    for round in 0..<rounds {
      var damage = Damage(stream: stream.derived("round", first + round))
      let bytes = damage.damaged(originals[round % originals.count], others: originals)
      try file.seek(toOffset: 0)
      try file.write(contentsOf: Data(bytes))
      try file.truncate(atOffset: UInt64(bytes.count))
      let duration = ContinuousClock().measure {
        if open(round, path) { opened += 1 } else { refused += 1 }
      }
      slowest = max(slowest, duration)
      #expect(duration < .seconds(20), "round \(round), seed \(seed)")
    }
    #expect(opened > 0 && refused > 0)
    // The files have some kilobytes; what a length in one of them claims must not be allocated before it is checked.
    let grown = (try peakMemory() - before) >> 20
    #expect(grown < 256, "\(grown) MB")
    if rounds > 1000 { print("\(opened) opened, \(refused) refused, the slowest took \(slowest), \(grown) MB more") }
  }

  /// Reads a tensor whole, in part and turned; only errors of the right kind can come.
  private static func read(_ name: String, _ checkpoint: Checkpoint) {
    do throws(CheckpointError) {
      let shape = try checkpoint.shape(of: name)
      let tensor = try checkpoint.tensor(name)
      #expect(tensor.shape == shape)
      if shape.count == 2, tensor.count > 0 {
        let turned = try checkpoint.tensor(name, rows: 0..<1, columns: 0..<(shape[1] + 1) / 2, transposed: true)
        #expect(turned.shape == [(shape[1] + 1) / 2, 1])
      }
      _ = try checkpoint.integers(name)
    } catch {
      #expect(!error.reason.isEmpty)
    }
  }
}

/// Changes to a file's bytes, drawn from a stream.
private struct Damage {
  var stream: RandomStream

  mutating func damaged(_ original: [UInt8], others: [[UInt8]]) -> [UInt8] {
    var bytes = original
    for _ in 0..<below(4) + 1 {
      guard !bytes.isEmpty else { break }
      // Headers stand at the beginning and, in archives, at the end.
      let place =
        switch below(4) {
        case 0: below(min(bytes.count, 64))
        case 1: max(0, bytes.count - 1 - below(min(bytes.count, 400)))
        default: below(bytes.count)
        }
      switch below(7) {
      case 0: bytes[place] ^= 1 << UInt8(below(8))
      case 1: bytes[place] = UInt8(below(256))
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(64)))
      case 4:
        let other = others[below(others.count)]
        let start = below(other.count)
        bytes.insert(contentsOf: other[start..<min(other.count, start + 1 + below(300))], at: place)
      case 5:
        // A number of 1 to 8 bytes with an extreme value, as lengths and offsets have.
        let width = [1, 2, 4, 8][below(4)]
        let value = [0, 1, 0x7f, 0xff, 0x7fff_ffff, 0xffff_ffff, Int.max, -1, 1 << 40, bytes.count][below(10)]
        for index in 0..<min(width, bytes.count - place) {
          bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index))
        }
      default:
        // A digit of a text, as JSON and NumPy's headers have.
        if let digit = bytes[place...].firstIndex(where: { 0x30...0x39 ~= $0 }) {
          bytes[digit] = 0x30 + UInt8(below(10))
        }
      }
    }
    return bytes
  }

  private mutating func below(_ bound: Int) -> Int { stream.integer(below: bound) }
}
