// What loading a model costs in memory, in a process that does nothing else.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Memory of loading")
struct LoadingMemoryTests {
  /// 128 MB of weights, most of them in layers, as in a model that is larger than its vocabulary.
  private static let layers = TransformerConfiguration(
    nLayers: 8, dModel: 512, nHeads: 8, dVocab: 6000, nContext: 64)

  /// 110 MB of weights, half of them in an embedding that is the unembedding too.
  private static var vocabulary: TransformerConfiguration {
    var configuration = TransformerConfiguration(nLayers: 4, dModel: 512, nHeads: 8, dVocab: 28_000, nContext: 64)
    configuration.tiesEmbeddings = true
    return configuration
  }

  @Test func `a checkpoint needs at most 1.2 times its size at the peak`() async throws {
    let folder = try TemporaryFolder()
    try HookedTransformer(Self.layers, initializedFrom: RandomStream(seed: 1)).save(to: folder.path)
    await #expect(processExitsWith: .success) { [path = folder.path as String] in
      try LoadingMemoryTests.load(path, isTied: false)
    }
  }

  @Test func `so does one whose unembedding is the embedding once more`() async throws {
    let folder = try TemporaryFolder()
    try HookedTransformer(Self.vocabulary, initializedFrom: RandomStream(seed: 1)).save(to: folder.path)
    await #expect(processExitsWith: .success) { [path = folder.path as String] in
      try LoadingMemoryTests.load(path, isTied: true)
    }
  }

  private static func load(_ path: String, isTied: Bool) throws {
    let before = try peakMemory()
    let model = try HookedTransformer(contentsOf: path)
    let size = 4 * model.parameterCount
    #expect(size > 100_000_000)
    #expect(model.configuration.tiesEmbeddings == isTied)
    let ratio = Double(try peakMemory() - before) / Double(size)
    // What the process holds at least is the weights: a smaller number would mean that nothing was measured.
    #expect(ratio > 0.9 && ratio < 1.2, "\(ratio)")
  }
}
