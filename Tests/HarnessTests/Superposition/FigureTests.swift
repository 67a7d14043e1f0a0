import Foundation
import Plotting
import Testing
import ToyModels

@testable import Replications

/// Figures of invented observations: the cases that trained models may or may not reach.
@Suite("Superposition figures") struct SuperpositionFigureTests {
  private static func polygon(_ count: Int) -> SuperpositionGeometry {
    let directions = (0..<count).map { index -> [Double] in
      let angle = 0.4 + 2 * Double.pi * Double(index) / Double(count)
      return [cos(angle), sin(angle)]
    }
    return SuperpositionGeometry(directions: directions, hidden: 2)
  }

  /// Points at which the pentagon loses once the feature is as many times sparser as `crossing`.
  private static func points(crossing: Double, pentagons: Bool) -> [PerturbedFeature.Point] {
    PerturbedFeature.ratios.map { ratio in
      PerturbedFeature.Point(
        ratio: ratio, pentagon: pentagons ? polygon(5) : nil, pentagonLoss: pentagons ? 0.005 : .infinity,
        digons: polygon(4), digonLoss: 0.005 * (1 + log(ratio * crossing)), hitRate: pentagons ? 1 : 0)
    }
  }

  @Test("the perturbed feature is drawn with or without pentagons", arguments: [true, false])
  func perturbedFeature(pentagons: Bool) throws {
    let seed = PerturbedFeature.Observation(
      single: Self.points(crossing: 3, pentagons: pentagons), together: Self.points(crossing: 100, pentagons: true))
    let drawings = try PerturbedFeature().figures([seed, seed])
    #expect(drawings.map(\.name) == ["PerturbedFeature", "PerturbedFeature-deformation"])
    #expect(drawings[0].csv.contains("published,,2.5,"))
    #expect(drawings[0].svg.contains("measured 3") == pentagons)
  }

  @Test("training is drawn with and without a late drop of the loss, and without any", arguments: [0, 1, 2])
  func learningDynamics(dropping: Int) throws {
    let times = 0...100
    let trajectories = (0..<2).map { model -> LearningDynamics.Trajectory in
      let drops = model < dropping
      return LearningDynamics.Trajectory(
        losses: times.map { 1.2 + 0.3 * exp(-Double($0)) + ($0 % 2 == 0 ? 1e-5 : 0) + (drops && $0 < 60 ? 0.1 : 0) },
        dimensionalities: times.map { [0.5, 0.5, drops && $0 < 60 ? 0 : 0.5] })
    }
    #expect(trajectories.count { !$0.drops.isEmpty } == dropping)
    let drawings = try LearningDynamics().figures([trajectories])
    #expect(drawings.map(\.name) == ["LearningDynamics", "LearningDynamics-drops"])
    #expect(drawings[1].svg.contains("\(dropping) of \(dropping) drops are jumps"))
  }

  @Test("without seeds there is nothing to draw")
  func nothing() throws {
    #expect(try PerturbedFeature().figures([]).isEmpty)
    #expect(try LearningDynamics().figures([]).isEmpty)
    #expect(try CorrelatedFeatures().figures([]).isEmpty)
    #expect(try UniformSuperposition().figures([]).isEmpty)
    #expect(try PrivilegedBasis().figures([]).isEmpty)
    #expect(try AbsoluteValue().figures([]).isEmpty)
  }

  @Test("seeds become their mean with the range, and a place that no seed reached a gap")
  func seeds() {
    let mark = Mark.seeds("loss", xs: [1, 2], [[1, .nan], [3, .infinity]])
    let csv = Figure(title: "", panels: [Panel(marks: [mark])]).csv.split(separator: "\n")
    #expect(csv[1].contains("line,loss,1,2,1,3,"))
    #expect(csv[2].contains("line,loss,2,nan,nan,nan,"))
  }
}
