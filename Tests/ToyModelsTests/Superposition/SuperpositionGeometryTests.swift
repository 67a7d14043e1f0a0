import Foundation
import Tensors
import Testing

@testable import ToyModels

@Suite("The geometry of feature directions")
struct SuperpositionGeometryTests {
  /// The polytopes of "Uniform Superposition" with the dimensionality of each corner.
  static let polytopes: [(name: String, corners: [[Double]], dimensionalities: [Double])] = [
    ("digon", [[1], [-1]], [0.5, 0.5]),
    ("triangle", polygon(3), Array(repeating: 2.0 / 3, count: 3)),
    ("pentagon", polygon(5), Array(repeating: 0.4, count: 5)),
    ("tetrahedron", [[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], Array(repeating: 0.75, count: 4)),
    (
      "triangular bipyramid", polygon(3).map { $0 + [0] } + [[0, 0, 1], [0, 0, -1]],
      [2.0 / 3, 2.0 / 3, 2.0 / 3, 0.5, 0.5]
    ),
    (
      "octahedron", [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]],
      Array(repeating: 0.5, count: 6)
    ),
    ("square antiprism", antiprism, Array(repeating: 0.375, count: 8)),
  ]

  @Test("has the dimensionalities of the polytopes, at every scale", arguments: polytopes, [1, 0.3, 1.7] as [Double])
  func polytope(polytope: (name: String, corners: [[Double]], dimensionalities: [Double]), scale: Double) {
    let hidden = polytope.corners[0].count
    let geometry = SuperpositionGeometry(directions: polytope.corners.map { $0.map { $0 * scale } }, hidden: hidden)
    for (measured, expected) in zip(geometry.dimensionalities, polytope.dimensionalities) {
      #expect(abs(measured - expected) < 1e-12)
    }
    for (capacity, dimensionality) in zip(geometry.capacities, geometry.dimensionalities) {
      #expect(abs(capacity - dimensionality) < 1e-12)
    }
    #expect(abs(geometry.dimensionalities.reduce(0, +) - Double(hidden)) < 1e-12)
    let squares = polytope.corners.joined().reduce(0) { $0 + $1 * $1 } * scale * scale
    #expect(abs(geometry.dimensionsPerFeature - Double(hidden) / squares) < 1e-12)
  }

  @Test("reads rows as features: of three features in two dimensions, one alone and two opposed")
  func rowsAreFeatures() {
    let geometry = SuperpositionGeometry(Tensor([2, 0, 0, 1, 0, -0.5], [3, 2]))
    #expect(geometry.features == 3 && geometry.hidden == 2)
    #expect(geometry.norms == [2, 1, 0.5])
    #expect(geometry.gram == [[4, 0, 0], [0, 1, -0.5], [0, -0.5, 0.25]])
    #expect(geometry.represented() == [0, 1])
    #expect(geometry.superposition == [0, 0.25, 1])
    #expect(geometry.dimensionalities == [1, 0.8, 0.2])
    #expect(geometry.cosine(1, 2) == -1)
    #expect(geometry.cosine(0, 1) == 0)
    #expect(geometry.components() == [[0], [1]])
    #expect(geometry.gaps(between: [0, 1, 2]) == [90, 90, 180])
  }

  @Test("gives the dimensionalities of random features a sum of at most the dimensions")
  func bound() {
    var random = RandomStream(seed: 1)
    for (n, m) in [(5, 2), (20, 5), (7, 7), (3, 6)] {
      let sum = SuperpositionGeometry(random.normal([n, m])).dimensionalities.reduce(0, +)
      #expect(sum <= Double(min(n, m)) + 1e-9)
    }
  }

  @Test("counts a feature without weights as absent, not as undefined")
  func absentFeature() {
    let geometry = SuperpositionGeometry(Tensor([0, 0, 1, 0], [2, 2]))
    #expect(geometry.dimensionalities == [0, 1])
    #expect(geometry.capacities == [0, 1])
    #expect(geometry.superposition == [0, 0])
    #expect(geometry.cosine(0, 1) == 0)
    #expect(geometry.components() == [[1]])
  }

  @Test("measures the instance that is asked for")
  func instances() {
    let model = SuperpositionModel(
      .absoluteValue(features: 3, hidden: 2), instances: 2, initialization: .xavier, using: RandomStream(seed: 2))
    for instance in 0..<2 {
      let geometry = model.geometry(instance)
      for i in 0..<3 {
        for j in 0..<2 { #expect(geometry.directions[i][j] == Double(model.encoder[instance, i, j])) }
        for j in 0..<2 {
          #expect(model.decoderDirections(instance)[i][j] == model.decoder.map { Double($0[instance, i, j]) })
        }
      }
    }
  }

  private static func polygon(_ corners: Int) -> [[Double]] {
    (0..<corners).map { k in
      let angle = 2 * Double.pi * Double(k) / Double(corners)
      return [cos(angle), sin(angle)]
    }
  }

  /// At the height where the corners are a tight frame: z = 1/√3, radius √(2/3).
  private static let antiprism: [[Double]] = (0..<8).map { k in
    let angle = Double.pi * Double(k) / 4
    let (radius, height) = ((2.0 / 3).squareRoot(), (1.0 / 3).squareRoot())
    return [radius * cos(angle), radius * sin(angle), k % 2 == 0 ? height : -height]
  }
}
