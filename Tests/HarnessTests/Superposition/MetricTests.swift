import Foundation
import Tensors
import Testing
import ToyModels

@testable import Replications

/// Every metric on invented geometries: one that has what is measured, and ones that lack it in a single respect.
@Suite("Metrics of superposition")
struct MetricTests {
  // MARK: Pentagon

  @Test("a regular pentagon has no error, a bent one that of its worst corner")
  func pentagon() {
    let regular = SuperpositionGeometry(angles: [10, 82, 154, 226, 298], length: 1.1)
    #expect(Pentagon.gapError(regular) < 1e-9)
    #expect(abs(Pentagon.dimensionalityError(SuperpositionGeometry(angles: [10, 82, 154, 226, 298])) - 0) < 1e-9)
    let bent = SuperpositionGeometry(angles: [0, 72, 144, 216, 300])
    #expect(abs(Pentagon.gapError(bent) - 12) < 1e-9)
    func square(_ degrees: Double) -> Double { pow(cos(degrees * .pi / 180), 2) }
    let second = 1 / (1 + 2 * square(72) + square(144) + square(228))
    #expect(abs(Pentagon.dimensionalityError(bent) - (second - 0.4)) < 1e-9)
  }

  // MARK: Uniform superposition

  @Test("the fraction at 1/2 is that of represented features, over all models")
  func fractionAtHalf() {
    let digons = SuperpositionGeometry([[1, 0], [-1, 0], [0, 1], [0, -1], [0.1, 0]])
    let alone = SuperpositionGeometry([[1, 0], [0, 1]])
    #expect(UniformSuperposition.fractionAtHalf([digons]) == 1)
    #expect(UniformSuperposition.fractionAtHalf([alone]) == 0)
    #expect(abs(UniformSuperposition.fractionAtHalf([digons, alone]) - 2.0 / 3) < 1e-12)
  }

  @Test("a line is ten values at a fraction and twice as many as in either flank")
  func otherLines() {
    func values(_ parts: (count: Int, value: Double)...) -> [Double] {
      parts.flatMap { Array(repeating: $0.value, count: $0.count) }
    }
    #expect(UniformSuperposition.otherLines(values((12, 0.75))) == 1)
    #expect(UniformSuperposition.otherLines(values((9, 0.75))) == 0)
    #expect(UniformSuperposition.otherLines(values((12, 0.75), (6, 0.7625), (6, 0.7375))) == 1)
    #expect(UniformSuperposition.otherLines(values((12, 0.75), (7, 0.7625))) == 0)
    #expect(UniformSuperposition.otherLines(values((12, 0.75), (7, 0.7375))) == 0)
    #expect(UniformSuperposition.otherLines(values((12, 0.5))) == 0)
    #expect(UniformSuperposition.otherLines(values((10, 0.75), (10, 2 / 3), (10, 0.4), (10, 0.375))) == 4)
  }

  @Test("a fall is one at every step")
  func falls() {
    #expect(UniformSuperposition.falls([1, 0.9, 0.8]))
    #expect(!UniformSuperposition.falls([1, 0.9, 0.897]))
    #expect(!UniformSuperposition.falls([1, 0.8, 0.9]))
  }

  // MARK: Correlated features

  /// Two sets of ten, each with a direction of its own in ten dimensions, but for the features given.
  private func bases(_ others: [Int: [Double]] = [:]) -> SuperpositionGeometry {
    SuperpositionGeometry(
      (0..<20).map { feature in
        let own = (0..<10).map { $0 == feature % 10 ? 1.0 : 0 }
        return others[feature].map { $0 + own.dropFirst($0.count) } ?? own
      })
  }

  @Test("overlap is looked for within sets, and a feature without a direction is no part of a basis")
  func localBases() {
    #expect(CorrelatedFeatures.largestWithinSet(bases()) == 0)
    #expect(CorrelatedFeatures.meanSquaredCosine(bases()) == 0)
    let tilted = bases([1: [-0.6, 0.8]])
    #expect(abs(CorrelatedFeatures.largestWithinSet(tilted) - 0.6) < 1e-12)
    #expect(abs(CorrelatedFeatures.meanSquaredCosine(tilted) - 0.36 / 90) < 1e-12)
    #expect(CorrelatedFeatures.largestWithinSet(bases([3: [0, 0, 0, 0.4]])) == 1)
  }

  @Test("a pair has collapsed when it points one way, and is antipodal when it points opposite ways")
  func pairs() {
    #expect(CorrelatedFeatures.collapsedPairs(SuperpositionGeometry(angles: [0, 10, 90, 270, 200, 240])) == 1)
    #expect(CorrelatedFeatures.collapsedPairs(SuperpositionGeometry(angles: [0, 0, 120, 120, 240, 240])) == 3)
    #expect(CorrelatedFeatures.isAntipodal(SuperpositionGeometry(angles: [0, 180, 90, 265])))
    #expect(!CorrelatedFeatures.isAntipodal(SuperpositionGeometry(angles: [0, 90, 180, 270])))
    #expect(!CorrelatedFeatures.isAntipodal(SuperpositionGeometry(angles: [0, 180, 90, 120])))
  }

  // MARK: Linear and ReLU output model

  @Test("growth is the order of counts, and nothing when they do not vary")
  func growth() {
    #expect(abs(LinearAgainstReLU.growth([5, 6, 9]) - 1) < 1e-12)
    #expect(abs(LinearAgainstReLU.growth([9, 6, 5]) + 1) < 1e-12)
    #expect(abs(LinearAgainstReLU.growth([5, 5, 7]) - (0.75).squareRoot()) < 1e-12)
    #expect(LinearAgainstReLU.growth([5, 5, 5]) == 0)
  }

  @Test("the projection is that onto the first features")
  func projection() {
    #expect(LinearAgainstReLU.distanceFromProjection(SuperpositionGeometry([[0, 1], [1, 0], [0, 0]])) == 0)
    #expect(LinearAgainstReLU.distanceFromProjection(SuperpositionGeometry([[0, 0], [1, 0], [0, 1]])) == 1)
    #expect(LinearAgainstReLU.distanceFromProjection(SuperpositionGeometry([[1, 0], [0, 1], [0.5, 0]])) == 0.5)
  }

  @Test("who shares is compared with who does not, at levels that have both")
  func leastImportantFirst() {
    let last = SuperpositionGeometry([[1, 0], [0, 1], [0, -1]])
    let first = SuperpositionGeometry([[0, 1], [0, -1], [1, 0]])
    let middle = SuperpositionGeometry([[0, 1], [1, 0], [0, -1]])
    let nobody = SuperpositionGeometry([[1, 0], [0, 1], [0, 0]])
    #expect(LinearAgainstReLU.leastImportantFirst([last, nobody]) == 1)
    #expect(LinearAgainstReLU.leastImportantFirst([first]) == 0)
    #expect(LinearAgainstReLU.leastImportantFirst([middle]) == 0.5)
    #expect(LinearAgainstReLU.leastImportantFirst([last, first, middle]) == 0.5)
    #expect(LinearAgainstReLU.leastImportantFirst([last], ranks: [2, 1, 0]) == 0)
    #expect(LinearAgainstReLU.leastImportantFirst([nobody]) == 0)
  }

  // MARK: Neurons

  @Test("a monosemantic neuron has one weight, no other of a fifth of it, and is not idle")
  func monosemantic() {
    #expect(monosemanticNeurons([[1, 0], [0.1, 1], [0, 1]]) == 1)
    #expect(monosemanticNeurons([[1], [-0.19]]) == 1)
    #expect(monosemanticNeurons([[1], [-0.21]]) == 0)
    #expect(monosemanticNeurons([[1, 0.01], [0, 0]]) == 1)
  }

  @Test("the median neuron counts the features it reads")
  func participation() {
    #expect(AbsoluteValue.medianParticipation([[2, 1, 1], [0, -1, 1], [0, 0, 1], [0, 0, -1]]) == 2)
    #expect(AbsoluteValue.medianParticipation([[2, 0, 0], [0, 3, 0], [0, 0, 0]]) == 1)
  }

  @Test("sharing grows when it does at every step and twofold in all")
  func sharingGrows() {
    #expect(AbsoluteValue.grows([1, 1.5, 2]))
    #expect(!AbsoluteValue.grows([1, 1.5, 1.9]))
    #expect(!AbsoluteValue.grows([1, 3, 2.5]))
  }

  @Test("the motif is a shared neuron that writes weakly what it reads strongly")
  func motif() {
    // Three neurons: asymmetric, as strong both ways, and monosemantic.
    let model = SuperpositionModel(
      architecture: .absoluteValue(features: 2, hidden: 3), encoder: Tensor([2, 2, 1, -0.5, 0.5, 0], [1, 2, 3]),
      decoder: Tensor([0.5, 2, 1, 2, -0.5, 1], [1, 2, 3]), bias: Tensor(zeros: [1, 2]))
    let motif = AbsoluteValue.motif(TrainedModels(model: model, losses: [0]))
    #expect(motif.neurons == 2)
    #expect(motif.share == 0.5)
  }
}
