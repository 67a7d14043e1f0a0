// The measures of grokking on logits, neurons and courses whose structure is known.

import Foundation
import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("What is measured of a grokked model")
struct GrokkingMetricTests {
  static let prime = 11

  /// Logits Σ_k scale_k cos(w_k(a + b − c)) plus what a closure adds.
  private func table(_ scales: [Int: Double], plus extra: (Int, Int, Int) -> Double = { _, _, _ in 0 }) -> AnswerTable {
    let p = Self.prime
    var logits: [Float] = []
    for a in 0..<p {
      for b in 0..<p {
        for c in 0..<p {
          let x = (a + b - c + p) % p
          let cosines = scales.keys.sorted().reduce(0.0) {
            $0 + (scales[$1] ?? 0) * cos(FourierBasis.angle($1, x, p))
          }
          logits.append(Float(cosines + extra(a, b, c)))
        }
      }
    }
    return AnswerTable(prime: p, logits: Tensor(logits, [p * p, p]))
  }

  private let pairs = ModularAdditionPairs.all(prime: prime)

  @Test("The basis is orthonormal")
  func basis() {
    let rows = FourierBasis(prime: Self.prime).rows
    let products = rows.matmul(rows, transposingOther: true)
    for i in 0..<Self.prime {
      for j in 0..<Self.prime { #expect(abs(products[i, j] - (i == j ? 1 : 0)) < 1e-6) }
    }
  }

  @Test("A cosine has the norm of its own frequency alone")
  func spectrum() {
    let basis = FourierBasis(prime: Self.prime)
    let column = (0..<Self.prime).map { Float(cos(FourierBasis.angle(3, $0 + 2, Self.prime))) }
    let norms = basis.byFrequency(basis.norms(Tensor(column, [Self.prime, 1])))
    for (index, norm) in norms.enumerated() { #expect(abs(norm - (index == 2 ? 5.5.squareRoot() : 0)) < 1e-5) }
    #expect(AdditionCircuit.keyFrequencies([1, 0.2, 0.23, 0]) == [1, 3])
  }

  @Test("The Gini coefficient is 0 for equal values and 1 − 1/n for a single one")
  func gini() {
    #expect(abs(giniCoefficient([2, 2, 2, 2])) < 1e-12)
    #expect(abs(giniCoefficient([0, 5, 0, 0]) - 0.75) < 1e-12)
    #expect(abs(giniCoefficient([1, 3]) - 0.25) < 1e-12)
  }

  @Test("Cosines explain all of the logits that they make, whatever is added to a pair")
  func variance() {
    let pure = table([2: 1, 4: 3]) { a, b, _ in Double(a - 2 * b) }
    #expect(abs(pure.varianceShare([2, 4]) - 1) < 1e-5)
    #expect(abs(pure.varianceShare([4]) - 0.9) < 1e-5)
    #expect(abs(pure.varianceShare([1, 3])) < 1e-6)
    let phase = table([:]) { a, b, c in sin(FourierBasis.angle(2, (a + b - c + 11) % 11, 11)) }
    #expect(abs(phase.varianceShare([2])) < 1e-6)
  }

  @Test("Restricted to its frequencies a circuit loses nothing but what came from elsewhere")
  func restricted() {
    let pure = table([2: 4, 5: 4])
    let spoiled = table([2: 4, 5: 4]) { a, b, c in 3 * cos(FourierBasis.angle(1, (a + 10 * b) % 11, 11)) * Double(c % 3)
    }
    #expect(abs(pure.restrictedLoss(on: pairs, to: [2, 5]) - pure.quality(on: pairs).loss) < 1e-5)
    #expect(abs(spoiled.restrictedLoss(on: pairs, to: [2, 5]) - pure.quality(on: pairs).loss) < 1e-5)
    #expect(spoiled.quality(on: pairs).loss > pure.quality(on: pairs).loss + 0.1)
    #expect(abs(pure.restrictedLoss(on: pairs, to: [1, 3]) - log(11)) < 1e-5)
  }

  @Test("The mean logit of each class stays in the restricted logits")
  func classMeans() {
    let means = table([:]) { _, _, c in c == 4 ? 2 : 0 }
    let expected = log(10 + exp(2.0)) - 2.0 / 11
    #expect(abs(means.restrictedLoss(on: pairs, to: [1]) - expected) < 1e-5)
  }

  @Test("Without its frequencies a circuit guesses, and one of other frequencies is untouched")
  func excluded() {
    let pure = table([2: 4, 5: 4])
    #expect(abs(pure.excludedLoss(on: pairs, without: [2, 5]) - log(11)) < 1e-5)
    #expect(abs(pure.excludedLoss(on: pairs, without: [1, 3]) - pure.quality(on: pairs).loss) < 1e-5)
  }

  @Test("A loss near zero keeps its digits")
  func smallLoss() {
    #expect(abs(AnswerTable.loss([30, 0, 0], answer: 0) - 2 * exp(-30.0)) < 1e-9 * exp(-30.0))
    #expect(abs(AnswerTable.loss([30, 0, 0], answer: 1) - 30) < 1e-9)
  }

  @Test("A neuron's share is that of the polynomial of degree two in its best frequency")
  func neurons() {
    let p = Self.prime
    var activations: [Float] = []
    for a in 0..<p {
      for b in 0..<p {
        let (x, y) = (cos(FourierBasis.angle(3, a, p)), sin(FourierBasis.angle(3, b, p)))
        let other = cos(FourierBasis.angle(1, a, p))
        // All within one frequency; half and half; a product of two frequencies, which is in neither; silent.
        activations += [Float(5 + x + 2 * y + x * y), Float(x + other), Float(y * other), 0]
      }
    }
    let shares = AdditionCircuit.sharesOfOneFrequency(Tensor(activations, [p * p, 4]), FourierBasis(prime: p))
    for (share, expected) in zip(shares, [1, 0.5, 0, 0]) { #expect(abs(share - expected) < 1e-4) }
  }

  @Test("Frequencies of the control are not key ones")
  func otherFrequencies() {
    let others = ModularAddition.others(than: [1, 3, 5], 59, RandomStream(seed: 1))
    #expect(others.count == 3 && Set(others).count == 3)
    #expect(others.allSatisfy { (1...29).contains($0) && ![1, 3, 5].contains($0) })
    #expect(ModularAddition.others(than: Array(1...29), 59, RandomStream(seed: 1)).isEmpty)
  }

  // MARK: - Courses

  /// A course of (accuracy in training, held-out accuracy, held-out loss, excluded loss), ten steps apart.
  private func course(_ points: [(Double, Double, Double, Double)]) -> GrokkingCourse {
    GrokkingCourse(
      measures: points.enumerated().map { index, point in
        ProgressMeasures(
          step: 10 * index, training: AnswerQuality(loss: 1, accuracy: point.0),
          heldOut: AnswerQuality(loss: point.2, accuracy: point.1), restricted: point.2 - 1, restrictedControl: 9,
          excluded: point.3, excludedControl: 0, embeddingGini: 0, logitGini: 0, sumOfSquares: 1)
      })
  }

  @Test("The phases are told by three marks in their order")
  func phases() {
    let grokked = course([
      (0, 0, 4, 4), (1, 0, 6, 1.5), (1, 0.2, 5, 2.4), (1, 0.3, 3, 2.6), (1, 0.6, 0.9, 4), (1, 1, 0.1, 5),
    ])
    #expect(grokked.memorised == 10)
    #expect(grokked.rises(\.excluded) == 30)
    #expect(grokked.heldOutFalls == 40)
    #expect(grokked.hasPhases(\.excluded))
    #expect(!grokked.hasPhases(\.excludedControl))
    #expect(grokked.delay == 5)
    #expect(grokked.circuitFormed(\.restricted)?.step == 40)
    #expect(grokked.circuitFormed(\.restrictedControl) == nil)
  }

  @Test("Without memorised pairs there is no delay; pairs that are known at once have none")
  func delays() {
    typealias Accuracies = GrokkingCourse.Accuracies
    #expect(GrokkingCourse.delayAtLeast([Accuracies(step: 10, training: 0.9, heldOut: 0)]).isNaN)
    let prompt = [(0, 0.1, 0.1), (25, 0.5, 0.4), (50, 1, 0.9), (75, 1, 1)].map(Accuracies.init)
    #expect(GrokkingCourse.delayAtLeast(prompt) == 1.5)
    #expect(GrokkingCourse.delayAtLeast(prompt.dropLast()) == 1)
  }

  @Test("A model that never generalises has no phases and no delay")
  func never() {
    let stuck = course([(0, 0, 4, 4), (1, 0, 6, 1.5), (1, 0, 8, 3), (1, 0, 9, 3)])
    #expect(!stuck.hasPhases(\.excluded))
    #expect(stuck.delay.isNaN)
  }

  @Test("Where most frequencies are key ones there are not as many others to compare them with")
  func noControl() {
    let random = RandomStream(seed: 3)
    let model = ModularAdditionModel(
      ModularAdditionShape(prime: 7, dModel: 8, dHead: 4, dMLP: 8), initializedFrom: random)
    let pairs = ModularAdditionPairs.split(prime: 7, trainingShare: 0.5, using: random)
    func measures(_ keys: [Int]) -> ProgressMeasures {
      ProgressSettings(
        training: pairs.training, heldOut: pairs.heldOut, keyFrequencies: keys,
        otherFrequencies: ModularAddition.others(than: keys, 7, random)
      ).measure(GrokkingSnapshot(step: 0, model: model))
    }
    #expect(measures([2]).excludedControl.isFinite && measures([2]).restrictedControl.isFinite)
    #expect(measures([1, 2]).excludedControl.isNaN && measures([1, 2]).restrictedControl.isNaN)
  }
}
