// The metrics of DoubleDescent on vectors and losses whose answer is known.

import Foundation
import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("Measures of memorisation and double descent")
struct DescentMeasuresTests {
  @Test("finds no error in a regular polygon, however turned and long, and the turn of one corner in another")
  func polygon() {
    let pentagon = (0..<5).map { corner -> [Double] in
      let (angle, length) = ((17 + 72 * Double(corner)) * .pi / 180, 1 + Double(corner))
      return [length * cos(angle), length * sin(angle)]
    }
    #expect(DescentMeasures.polygonError(pentagon) < 1e-9)
    var bent = pentagon
    let angle = (17 + 10.0) * .pi / 180
    bent[0] = [cos(angle), sin(angle)]
    #expect(abs(DescentMeasures.polygonError(bent) - 10) < 1e-9)
  }

  @Test("takes for a bump only what is above both ends and ends lowest")
  func bump() {
    #expect(DescentMeasures.isBump(first: 1, middle: [3, 2], last: 0.9))
    #expect(!DescentMeasures.isBump(first: 1, middle: [3, 0.95], last: 0.9))
    #expect(!DescentMeasures.isBump(first: 1, middle: [3, 2], last: 1.1))
    #expect(!DescentMeasures.isBump(first: 0, middle: [0.4, 0.6], last: 0.9))
    #expect(DescentMeasures.isBand([1, 1.5, 1.2], above: 1.02))
    #expect(!DescentMeasures.isBand([1, 1.01, 0.9], above: 1.02))
    #expect(!DescentMeasures.isBand([0, 0.5, 0.9], above: 1.02))
  }

  @Test("finds where a loss falls through one, by how often each feature has been seen")
  func transition() {
    func transition(_ losses: [Double]) -> Double {
      DescentMeasures.transition(sizes: [10, 100, 1_000], losses: losses, density: 0.01)
    }
    #expect(abs(transition([2, 10, 0.1]) - 0.5) < 1e-9)
    #expect(abs(transition([1.5, 0.9, 0.8]) + 1 - 0.794) < 1e-3)
    #expect(abs(transition([0.1, 0.2, 0.9]) + 1) < 1e-9)
    #expect(transition([1, 1, 2]) == .infinity)
  }

  @Test("knows what the best constant answer costs")
  func constant() {
    let examples = SparseExamples(Tensor([1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1], [4, 3]))
    #expect(abs(DescentMeasures.constantLoss(examples) - (1 - (0.25 + 0.0625 + 0.0625))) < 1e-12)
    let answer = ReLUAutoencoder(weights: Tensor(zeros: [2, 3]), bias: Tensor([0.5, 0.25, 0.25], [3]))
    #expect(abs(DescentMeasures.constantLoss(examples) - answer.loss(examples)) < 1e-6)
  }

  @Test("reads dimensionalities, losses and the foremost features off a model and its set")
  func trained() {
    // Two features that the model keeps, in opposite directions, and three that it does not know.
    let model = ReLUAutoencoder(
      weights: Tensor([1, -1, 0, 0, 0, 0, 0, 0, 0, 0], [2, 5]), bias: Tensor(zeros: [5]))
    let set = SparseExamples(Tensor([1, 0, 0, 0, 0, 0, 1, 0, 0, 0], [2, 5]))
    let fresh = SparseExamples(Tensor([0, 0, 1, 0, 0], [1, 5]))
    let read = TrainedOnSet(model, set, heldOut: fresh)
    #expect(read.size == 2 && read.trainingLoss == 0 && read.testLoss == 1)
    #expect(read.featureDimensionalities == [0.5, 0.5, 0, 0, 0] && read.exampleDimensionalities == [0.5, 0.5])
    #expect(read.represented == 2 && read.foremost(3) == [0, 1, 2])
    #expect(read.largestFeature == 0.5 && read.largestExample == 0.5)
    #expect(abs(read.weightNorm - 2.0.squareRoot()) < 1e-7)
  }

  @Test("keeps the initialisation with the lowest training loss, on the same set at any weight decay")
  func selection() throws {
    var training = SetTraining()
    (training.features, training.density, training.steps, training.restarts) = (60, 0.1, 60, 5)
    let random = RandomStream(seed: 9)
    let fresh = training.examples(40, random.derived("fresh"))
    let best = try training.train(4, random, heldOut: fresh) { _ in }
    training.restarts = 1
    let first = try training.train(4, random, heldOut: fresh) { _ in }
    #expect(best.trainingLoss <= first.trainingLoss && best.testLoss != best.trainingLoss)
    var work = 0.0
    training.weightDecay = 1
    let decayed = try training.train(4, random, heldOut: fresh) { work += $0 }
    #expect(abs(work - training.work(4)) < 1e-6)
    #expect(decayed.weightNorm < first.weightNorm)
    #expect(decayed.set == first.set && first.set == best.set && first.set.count == 4)
    #expect(training.untrained(4, random, heldOut: fresh).set == first.set)
    #expect(try training.train(4, random.derived("other"), heldOut: fresh) { _ in }.set != first.set)
  }

  @Test("draws new examples at every step of endless data")
  func endless() throws {
    var training = SetTraining()
    (training.features, training.density, training.steps, training.restarts) = (60, 0.1, 300, 1)
    let random = RandomStream(seed: 9)
    let fresh = training.examples(400, random.derived("fresh"))
    var work = 0.0
    let endless = try training.trainEndlessly(8, random, heldOut: fresh) { work += $0 }
    let finite = try training.train(8, random, heldOut: fresh) { _ in }
    #expect(abs(work - training.work(8)) < 1e-6)
    // Eight examples are learned by heart; of those that come once the first are as good as any others.
    func gap(_ model: TrainedOnSet) -> Double { model.testLoss - model.trainingLoss }
    #expect(gap(finite) > 0.2 && abs(gap(endless)) < gap(finite) / 2)
    #expect(endless.testLoss < finite.testLoss)
    #expect(try training.trainEndlessly(8, random, heldOut: fresh) { _ in }.features == endless.features)
  }
}
