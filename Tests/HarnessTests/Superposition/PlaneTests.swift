import Plotting
import Testing
import ToyModels

@testable import Replications

@Suite("Directions in the plane")
struct PlaneTests {
  @Test("A model is turned and mirrored to a common orientation")
  func orientation() {
    let geometry = SuperpositionGeometry(directions: [[0, -1], [2, 0], [0.3, 0.4]], hidden: 2)
    let longest = geometry.plane()
    #expect(longest.map { ($0.x * 100).rounded() / 100 } == [1, 0, -0.4])
    #expect(longest.map { ($0.y * 100).rounded() / 100 } == [0, 2, 0.3])
    let first = geometry.plane(up: 0)
    #expect(first.map { ($0.x * 100).rounded() / 100 } == [0, 2, 0.3])
    #expect(first.map { ($0.y * 100).rounded() / 100 } == [1, 0, -0.4])
  }

  @Test("Directions on a line lie flat")
  func line() {
    let geometry = SuperpositionGeometry(directions: [[1], [-0.5]], hidden: 1)
    #expect(geometry.plane() == [Point(1.0, 0.0), Point(-0.5, 0.0)])
  }
}
