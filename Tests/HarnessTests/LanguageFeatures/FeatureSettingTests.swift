// Setting a feature: one feature is changed where it should be and nowhere else, on activations small enough to read.

import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("Setting a feature") struct FeatureSettingTests {
  /// Two inputs and four features along the axes, on activations of a mean squared norm of two: no scale.
  private let autoencoder = LanguageAutoencoder(
    SparseAutoencoder(
      .init(inputs: 2, latents: 4), encoderWeight: Tensor([1, 0, -1, 0, 0, 1, 0, -1], [2, 4]),
      decoderWeight: Tensor([1, 0, 0, 1, -1, 0, 0, -1], [4, 2])),
    scale: 0.5)

  @Test("Only the feature's own vector is added, and only at the words that are meant")
  func where_() {
    let activations = Tensor([2, 0, 2, 4, -2, 6], [3, 2])
    let features = autoencoder.encode(activations)
    #expect(features == Tensor([1, 0, 0, 0, 1, 2, 0, 0, 0, 3, 1, 0], [3, 4]))
    let changed = autoencoder.setting(1, to: 0, at: [true, true, false], in: activations, with: features)
    #expect(changed == Tensor([2, 0, 2, 0, -2, 6], [3, 2]))
    let clamped = autoencoder.setting(0, to: 5, at: [false, true, true], in: activations, with: features)
    #expect(clamped == Tensor([2, 0, 10, 4, 8, 6], [3, 2]))
  }

  @Test("What the autoencoder leaves out stays when a feature is set")
  func errorStays() {
    // The encoder is blind to half of every activation.
    let blind = LanguageAutoencoder(
      SparseAutoencoder(
        .init(inputs: 2, latents: 1), encoderWeight: Tensor([1, 0], [2, 1]), decoderWeight: Tensor([1, 0], [1, 2])),
      scale: 1)
    let activations = Tensor([3, 7], [1, 2])
    let changed = blind.setting(0, to: 0, at: [true], in: activations, with: blind.encode(activations))
    #expect(changed == Tensor([0, 7], [1, 2]))
  }

  @Test("Only the largest features of each word are kept")
  func largest() {
    let features = Tensor([3, 0, 1, 2, 0, 5, 4, 0], [2, 4])
    #expect(features.keepingLargest(2) == Tensor([3, 0, 0, 2, 0, 5, 4, 0], [2, 4]))
    #expect(features.keepingLargest(9) == features)
  }

  @Test("Principal components keep what varies most, around the mean")
  func components() throws {
    // Along (1, 1) the rows differ by much, along (1, −1) by little; their mean is (1, 2).
    let rows = Tensor([4, 5, -2, -1, 1.1, 1.9, 0.9, 2.1], [4, 2])
    let projected = try rows.projected(onto: 1, principalComponentsOf: rows)
    #expect(projected.maximumDifference(from: Tensor([4, 5, -2, -1, 1, 2, 1, 2], [4, 2])) < 1e-4)
    #expect(try rows.projected(onto: 2, principalComponentsOf: rows).maximumDifference(from: rows) < 1e-4)
    let others = Tensor([0, 0, 0, 1], [2, 2])
    #expect(try rows.projected(onto: 1, principalComponentsOf: others).slice(axis: 1, at: 0).elements == [0, 0, 0, 0])
  }

  @Test("Shuffled columns keep what is in them and nothing of their rows")
  func shuffling() {
    var stream = RandomStream(seed: 3)
    let column = stream.uniform([500])
    let matrix = Tensor.stacked([column, column], axis: 1)
    let shuffled = matrix.shufflingColumns(using: RandomStream(seed: 4))
    let columns = (0..<2).map { shuffled.slice(axis: 1, at: $0).elements }
    #expect(columns.allSatisfy { $0.sorted() == column.elements.sorted() })
    #expect(abs(pearson(columns[0].map(Double.init), columns[1].map(Double.init))) < 0.15)
  }
}
