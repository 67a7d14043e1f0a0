// Blocks with few active latents, done over lists, beside the same blocks done by matrix products; and what is kept as
// largest, beside sorting.

import Tensors
import Testing

@testable import ToyModels

@Suite("Few active latents")
struct LatentListsTests {
  @Test(
    "give the gradient that matrix products give",
    arguments: [SparseAutoencoder.Activation.relu, .topK(5), .batchTopK(5)], [false, true])
  func lists(_ activation: SparseAutoencoder.Activation, isTied: Bool) {
    // Sizes that are no whole vectors, more samples than a block.
    var stream = RandomStream(seed: 3)
    var autoencoder = SparseAutoencoder(
      .init(inputs: 13, latents: 203, activation: activation, isTied: isTied), using: stream)
    autoencoder.encoderBias = stream.normal([203], standardDeviation: 0.1) - 4
    if activation != .relu { autoencoder.encoderBias += 4 }
    autoencoder.decoderBias = stream.normal([13])
    let batch = stream.normal([1100, 13]) * 2
    func stepped(_ allowsLists: Bool) -> (trainer: SparseAutoencoderTrainer, losses: SparseAutoencoderLosses) {
      var trainer = SparseAutoencoderTrainer(autoencoder, settings: SparseAutoencoderTraining(penalty: .l1Sum(0.3)))
      trainer.pass.allowsLists = allowsLists
      let losses = trainer.step(on: batch)
      return (trainer, losses)
    }
    let (listed, multiplied) = (stepped(true), stepped(false))
    #expect(listed.trainer.pass.listedBlocks > 0 && multiplied.trainer.pass.listedBlocks == 0)
    #expect(listed.losses.l0 > 1 && listed.losses.l0 < Double(203 / LatentLists.sparsity))
    #expect(abs(listed.losses.total - multiplied.losses.total) < 1e-5 * multiplied.losses.total)
    for (name, path) in SparseAutoencoderFixture.paths {
      let (mine, theirs) = (listed.trainer.gradient[keyPath: path], multiplied.trainer.gradient[keyPath: path])
      guard theirs.count > 0 else { continue }
      #expect(mine.maximumDifference(from: theirs) < 1e-5 * theirs.magnitudes().maximum(), "\(name)")
    }
    #expect(listed.trainer.lastCounts == multiplied.trainer.lastCounts)
  }

  @Test("are the k largest of each sample", arguments: [1, 3, 8, 24])
  func topK(k: Int) {
    var stream = RandomStream(seed: 4)
    let values = stream.normal([20, 24]).relu()
    var kept = values
    let activity = kept.withUnsafeMutableElements {
      $0.baseAddress.map { LargestLatents.keep(k, ofEachOf: 20, $0, width: 24) }
    }
    var sum: Float = 0
    for row in 0..<20 {
      let line = values.slice(axis: 0, at: row).elements
      let least = line.sorted(by: >)[k - 1]
      #expect(kept.slice(axis: 0, at: row).elements == line.map { $0 >= least ? $0 : 0 })
      sum += line.filter { $0 >= least }.reduce(0, +)
    }
    #expect(abs(Float(activity?.sum ?? 0) - sum) < 1e-3)
    #expect(activity?.active == Double(kept.mask { $0 > 0 }.sum()))
  }

  @Test("are the largest of a batch, equal ones up to the number", arguments: [1, 40, 170, 480])
  func batchTopK(number: Int) {
    var stream = RandomStream(seed: 5)
    // Steps of a tenth: many are equal.
    let values = stream.normal([480]).relu().map { ($0 * 10).rounded() / 10 }
    var kept = values
    let result = kept.withUnsafeMutableElements {
      $0.baseAddress.map { LargestLatents.keep(number, of: $0, count: 480) }
    }
    let sorted = values.elements.sorted(by: >)
    let expected = sorted.prefix(number).filter { $0 > 0 }
    #expect(kept.elements.filter { $0 > 0 }.sorted(by: >) == expected)
    #expect(result?.smallest == expected.last)
    #expect(result?.activity.active == Double(expected.count))
    // Of equal ones the first.
    if let least = expected.last {
      let places = values.elements.indices.filter { values.elements[$0] == least }
      let count = expected.count { $0 == least }
      #expect(places.prefix(count).allSatisfy { kept.elements[$0] == least })
    }
  }

  @Test("are none of a batch without any")
  func none() {
    var zeros = Tensor(zeros: [16])
    let result = zeros.withUnsafeMutableElements { $0.baseAddress.map { LargestLatents.keep(4, of: $0, count: 16) } }
    #expect(result?.smallest == .infinity && result?.activity.active == 0)
  }
}
