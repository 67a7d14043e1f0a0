import Testing

@testable import Replications
@testable import ToyModels

@Suite("A grid of phases")
struct PhaseGridTests {
  private func point(importance: Double, density: Double, _ models: [PhaseDiagramModel]) -> PhaseGrid.Point {
    PhaseGrid.Point(
      importance: importance, density: density, theory: .twoInOne(density: density, importance: importance),
      models: models)
  }

  private func model(_ weights: [Double], loss: Double = 1) -> PhaseDiagramModel {
    PhaseDiagramModel(directions: weights.map { [$0] }, bias: [0, 0], loss: loss)
  }

  @Test("is judged by the best model of the points that theory decides")
  func agreement() {
    let points = [
      point(importance: 1, density: 0.1, [model([1, 0], loss: 2), model([1, -1])]),
      point(importance: 1, density: 0.1, [model([1, -1], loss: 2), model([1, 0])]),
      // On the border either phase will do: too close to call.
      point(importance: 1, density: 4 / 7, [model([1, 0])]),
    ]
    let grid = PhaseGrid(side: 1, points: points)
    #expect(grid.decided.count == 2)
    #expect(grid.agreement == 0.5)
  }

  @Test("counts the models within 1 % of the best, and never takes one that diverged for it")
  func best() {
    let losses = [.nan, 1.02, 1, 1.005, .infinity, -.infinity]
    let point = point(importance: 1, density: 0.1, losses.map { model([1, -1], loss: $0) })
    #expect(point.best.loss == 1)
    let finite = self.point(importance: 1, density: 0.1, losses[1..<5].map { model([1, -1], loss: $0) })
    #expect(finite.hitRate == 0.5)
  }
}
