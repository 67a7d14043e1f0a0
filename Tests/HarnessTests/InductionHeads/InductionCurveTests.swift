// What is read off a training run: the window, what forms in it, and bumps of the loss.

import Tensors
import Testing

@testable import Replications

@Suite("Induction curves") struct InductionCurveTests {
  private func curve(
    _ steps: [Int], matching: [Double]? = nil, learning: [Double]? = nil, losses: [Double]? = nil
  ) -> InductionCurve {
    InductionCurve(
      steps: steps,
      readings: steps.indices.map { index in
        InductionProbe.Reading(
          prefixMatching: [[0.9], [matching?[index] ?? 0]], loss: losses?[index] ?? 0,
          inContextLearning: learning?[index] ?? 0, copying: 0, sampledLosses: [])
      })
  }

  @Test("The window is where prefix matching of the last layer goes from a tenth to nine tenths of its rise")
  func window() {
    let curve = curve([0, 100, 200, 300], matching: [0, 0, 1, 1], learning: [0, -0.2, -0.6, -1])
    #expect(abs(curve.window.lowerBound - 110) < 1e-9 && abs(curve.window.upperBound - 190) < 1e-9)
    #expect(abs(curve.shareOfLearning(in: curve.window) - 0.32) < 1e-9)
  }

  @Test("A level is reached between two measurements, and one that is never reached at the end")
  func levels() {
    let curve = curve([0, 10, 30])
    #expect(curve.step([0, 1, 3], reaches: 2, from: 0) == 20)
    #expect(curve.step([0, -1, -3], reaches: -2, from: 0) == 20)
    #expect(curve.step([0, 1, 3], reaches: 4, from: 0) == 30)
    #expect(curve.value([0, 1, 3], at: 20) == 2 && curve.value([0, 1, 3], at: 90) == 3)
  }

  @Test("A convex loss has no bump; one that falls faster later has the difference of the drops")
  func bump() {
    let steps = [0, 50, 100, 200, 300, 400]
    #expect(curve(steps, losses: [4, 3, 2, 1.5, 1.2, 1.1]).bump() == 0)
    #expect(abs(curve(steps, losses: [4, 3.9, 3, 2.9, 2.2, 2.1]).bump() - 0.6) < 1e-9)
  }

  @Test("The steepest stretch is found between measurements that are as far apart, and its share of a range")
  func steepest() {
    let steps = [0, 50, 100, 150, 200, 300]
    #expect(curve(steps, losses: [4, 3.9, 3.8, 3, 2.5, 1.7]).steepest() == 100...200)
    #expect(curve(steps, losses: [4, 3, 2, 1.9, 1.8, 1.7]).steepest() == 0...100)
    #expect(InductionCurve.overlap(of: 100...200, with: 150...400) == 0.5)
    #expect(InductionCurve.overlap(of: 100...200, with: 300...400) == 0)
  }

  @Test("Half-way points of a model that does not change stay at the end")
  func halfWayPoints() {
    let steps = [0, 100, 200, 1_000]
    let model = curve(steps, matching: [0, 0, 1, 1], learning: [0, 0, -1, -1], losses: [3, 3, 2, 2])
    let other = curve(steps, learning: [0, -0.3, -0.3, -0.3], losses: [3, 3, 3, 3])
    let own = InductionCurve.halfWayPoints(of: model, observed: model, reference: other)
    #expect(own.spread == 0 && own.prefixMatching == 150)
    #expect(InductionCurve.halfWayPoints(of: model, observed: other, reference: other).spread == 850)
  }
}
