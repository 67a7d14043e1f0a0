// What loading a model costs in memory, in a process that does nothing else.

import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("Memory of loading")
struct LoadingMemoryTests {
  /// 128 MB of weights, most of them in layers, as in a model that is larger than its vocabulary.
  private static let configuration = TransformerConfiguration(
    nLayers: 8, dModel: 512, nHeads: 8, dVocab: 6000, nContext: 64)

  @Test func `a checkpoint needs at most 1.2 times its size at the peak`() async throws {
    let folder = try TemporaryFolder()
    try HookedTransformer(Self.configuration, initializedFrom: RandomStream(seed: 1)).save(to: folder.path)
    await #expect(processExitsWith: .success) { [path = folder.path as String] in
      let before = try peakMemory()
      let model = try HookedTransformer(contentsOf: path)
      let size = 4 * model.parameterCount
      #expect(size > 100_000_000)
      let ratio = Double(try peakMemory() - before) / Double(size)
      // What the process holds at least is the weights: a smaller number would mean that nothing was measured.
      #expect(ratio > 0.9 && ratio < 1.2, "\(ratio)")
    }
  }
}
