import Foundation
import Testing
import ToyModels

@testable import Replications

@Suite("The perturbed feature")
struct PerturbedFeatureMetricTests {
  private static func points(_ advantages: [Double], gaps: [Double?] = []) -> [PerturbedFeature.Point] {
    advantages.enumerated().map { index, advantage in
      PerturbedFeature.Point(
        ratio: PerturbedFeature.ratios[index], pentagon: index < gaps.count ? gaps[index].map(pentagon) : nil,
        pentagonLoss: 1, digons: SuperpositionGeometry(angles: [0, 180, 90, 270]), digonLoss: 1 + advantage, hitRate: 1)
    }
  }

  /// A pentagon whose first corner is as many degrees from both neighbours.
  private static func pentagon(gap: Double) -> SuperpositionGeometry {
    SuperpositionGeometry(angles: [200, 200 + gap, 320, 80, 200 - gap])
  }

  @Test("loses where the curves cross, between the ratios that were tried")
  func threshold() {
    let crossing = Self.points(PerturbedFeature.ratios.map { 0.1 * log(3 * $0) })
    #expect(abs(PerturbedFeature.threshold(crossing) - 3) < 1e-9)
    #expect(PerturbedFeature.threshold(Self.points([1, 1, 1, 1, 1, 1, 1, 1, 1])) == 10)
    #expect(PerturbedFeature.threshold(Self.points([-1, -1])) == 1)
    var lost = Self.points([0.1, 0.1, 0.1])
    lost[2].pentagonLoss = .infinity
    #expect(PerturbedFeature.threshold(lost) == 2)
  }

  @Test("loses once and for good, or not as published")
  func crossesOnce() {
    #expect(PerturbedFeature.crossesOnce(Self.points([1, 1, -1, -1])))
    #expect(!PerturbedFeature.crossesOnce(Self.points([1, -1, 1, -1])))
    #expect(!PerturbedFeature.crossesOnce(Self.points([1, -1, 1])))
    #expect(!PerturbedFeature.crossesOnce(Self.points([1, 1, 1])))
    #expect(!PerturbedFeature.crossesOnce(Self.points([-1, 1, 1])))
  }

  @Test("deforms when its gaps close at each of the first steps, by a degree in all")
  func deforms() {
    func deforms(_ gaps: [Double?]) -> Bool { PerturbedFeature.deforms(Self.points([1, 1, 1, 1, 1], gaps: gaps)) }
    #expect(deforms([72, 71.5, 71, 70]))
    #expect(!deforms([72, 71, 71.5, 70]))
    #expect(!deforms([72, 71.9, 71.8, 71.7]))
    #expect(!deforms([72, 73, 74, 75]))
    #expect(!deforms([72, 71, nil, 70]))
  }

  @Test("its gap is the mean of both sides, whatever the orientation")
  func gap() {
    let uneven = SuperpositionGeometry(angles: [170, 230, 300, 20, 90])
    #expect(abs(PerturbedFeature.gapToNeighbours(uneven) - 70) < 1e-9)
    #expect(abs(PerturbedFeature.gapToNeighbours(Self.pentagon(gap: 65)) - 65) < 1e-9)
  }
}

@Suite("Drops of the loss")
struct LearningDynamicsMetricTests {
  /// A loss at rest, but for falls at some of its intervals; dimensionalities change at the time given.
  private func trajectory(
    falls: [Int], by amount: Double = 0.1, times: Int = 100, jump: (time: Int, size: Double) = (0, 0)
  ) -> LearningDynamics.Trajectory {
    LearningDynamics.Trajectory(
      losses: (0..<times).map { time in
        5 - amount * Double(falls.count { $0 < time }) + (time.isMultiple(of: 2) ? 1e-5 : 0)
      },
      dimensionalities: (0..<times).map { [0.5, $0 < jump.time ? 0.5 - jump.size : 0.5] })
  }

  @Test("do not include the initial descent, however long until the first rest")
  func initialDescent() {
    #expect(trajectory(falls: []).drops.isEmpty)
    #expect(trajectory(falls: [0, 1, 2]).drops.isEmpty)
    #expect(trajectory(falls: [0, 5, 10, 12]).drops.isEmpty)
    #expect(trajectory(falls: [0, 6]).drops == [6..<7])
    #expect(trajectory(falls: [0, 1, 50]).drops == [50..<51])
  }

  @Test("last until there has been none for five intervals")
  func rest() {
    #expect(trajectory(falls: [0, 50, 55]).drops == [50..<56])
    #expect(trajectory(falls: [0, 50, 56]).drops == [50..<51, 56..<57])
  }

  @Test("are falls, and more than thirty median changes")
  func size() {
    #expect(trajectory(falls: [50], by: -0.1).drops.isEmpty)
    #expect(trajectory(falls: [51], by: 2e-4).drops.isEmpty)
    #expect(trajectory(falls: [51], by: 4e-4).drops == [51..<52])
  }

  @Test("are compared with calm runs as long and as far away as there is room")
  func calmRuns() {
    #expect(trajectory(falls: [0, 50]).calmRuns == [98..<99])
    #expect(trajectory(falls: [0, 50, 52]).calmRuns == [96..<99])
    // A drop through all that is left of the training leaves no room beside it.
    let busy = trajectory(falls: [0, 10, 14, 18, 22, 26, 30, 34, 38], times: 40)
    #expect(busy.drops == [10..<39])
    #expect(busy.calmRuns.isEmpty)
  }

  @Test("are jumps when a dimensionality changes by 0.3 around them")
  func jumps() {
    #expect(LearningDynamics.isJump(0.3))
    #expect(!LearningDynamics.isJump(0.29))
    let jumping = trajectory(falls: [0, 50], jump: (51, 0.25))
    #expect(jumping.changes(around: 50..<51) == [0, 0.25])
    #expect(jumping.largestChange(around: 50..<51) == 0.25)
    #expect(jumping.largestChange(around: 80..<81) == 0)
    #expect(trajectory(falls: [0, 50], jump: (53, 0.25)).largestChange(around: 50..<51) == 0)
  }
}
