import Foundation
import Testing
import ToyModels

@testable import Replications

@Suite("Polytope views")
struct PolytopeViewTests {
  /// Corners on a circle of a given height about the vertical axis.
  private static func ring(_ count: Int, height: Double = 0, turn: Double = 0) -> [[Double]] {
    let radius = (1 - height * height).squareRoot()
    return (0..<count).map { corner in
      let angle = turn + 2 * .pi * Double(corner) / Double(count)
      return [radius * cos(angle), radius * sin(angle), height]
    }
  }

  private static let poles: [[Double]] = [[0, 0, 1], [0, 0, -1]]

  private static let polytopes: [(name: String, corners: [[Double]], edges: Int)] = [
    ("tetrahedron", [[0, 0, 1]] + ring(3, height: -1 / 3), 6),
    ("triangular bipyramid", poles + ring(3), 9),
    ("octahedron", poles + ring(4), 12),
    ("pentagonal bipyramid", poles + ring(5), 15),
    ("square antiprism", ring(4, height: 0.577) + ring(4, height: -0.577, turn: .pi / 4), 16),
  ]

  /// The corners turned about two axes and moved a little, as training leaves them.
  private func trained(_ corners: [[Double]]) -> SuperpositionGeometry {
    let directions = corners.enumerated().map { index, corner -> [Double] in
      let (x, y, z) = (corner[0] + 0.01 * sin(Double(index)), corner[1] + 0.01 * cos(2.3 * Double(index)), corner[2])
      let (turnedX, turnedY) = (0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y)
      return [turnedX, 0.8 * turnedY - 0.6 * z, 0.6 * turnedY + 0.8 * z].map { 1.1 * $0 }
    }
    return SuperpositionGeometry(directions: directions, hidden: 3)
  }

  @Test("A polytope has the edges of its hull, and no diagonals", arguments: polytopes)
  func edges(name: String, corners: [[Double]], edges: Int) {
    let view = PolytopeView(trained(corners))
    #expect(view.edges.count == edges, "\(name)")
    #expect(Set(view.edges.map { [$0.0, $0.1] }).count == edges)
  }

  @Test("A bipyramid stands on a corner and a square antiprism on a face")
  func upright() {
    for (index, height) in [(1, 1.0), (3, 1), (4, 0.577)] {
      let view = PolytopeView(trained(Self.polytopes[index].corners))
      let heights = view.corners.map { abs($0[2]) }
      #expect(abs((heights.max() ?? 0) - height) < 0.03)
    }
  }

  @Test("Looking does not change angles")
  func angles() {
    let geometry = trained(Self.polytopes[4].corners)
    let view = SuperpositionGeometry(directions: PolytopeView(geometry).corners, hidden: 3)
    for i in 0..<8 {
      for j in 0..<8 { #expect(abs(view.cosine(i, j) - geometry.cosine(i, j)) < 1e-9) }
    }
  }

  @Test("Directions without weights do no harm")
  func zeros() {
    let geometry = SuperpositionGeometry(directions: Array(repeating: [0, 0, 0], count: 5), hidden: 3)
    #expect(PolytopeView(geometry).edges.isEmpty)
  }
}
