// The position vectors of GPT-2 small lie on a helix (Yedidia 2023): three principal components, two of which go round in
// a circle while the third advances. A random walk is as smooth and as nearly flat, and is no helix.

import Foundation
import Tensors

struct PositionVectors: Experiment {
  let name = "PositionVectors"
  let claims = ["weights.positions.three-dimensions", "weights.positions.circle", "weights.positions.axis"]
  let configuration: [String: ConfigurationValue] = [
    "positions": "1…1022 of 0…1023, less their mean", "control": "a random walk of as many steps in 768 dimensions",
  ]

  struct Observation: Sendable {
    var positions: PrincipalCurve
    var walk: PrincipalCurve
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let positions = try GPT2Attention(contentsOf: run.asset(GPT2Attention.asset)).positions
      .slice(axis: 0, 1..<1023)
    var stream = run.random("random walk")
    let (steps, width) = (positions.shape[0], positions.shape[1])
    var walk = stream.normal([steps, width])
    walk.withUnsafeMutableElements { walk in
      for index in width..<steps * width { walk[index] += walk[index - width] }
    }
    return Observation(positions: try PrincipalCurve(of: positions), walk: try PrincipalCurve(of: walk))
  }

  func readings(_ seed: Observation) -> [Reading] {
    let (positions, walk) = (seed.positions, seed.walk)
    return [
      Reading(
        claim: "weights.positions.three-dimensions", value: positions.shares[..<3].reduce(0, +),
        control: walk.shares[..<3].reduce(0, +),
        detail: ["first": positions.shares[0], "second": positions.shares[1], "third": positions.shares[2]]),
      Reading(
        claim: "weights.positions.circle", value: positions.shares[1] / positions.shares[0],
        control: walk.shares[1] / walk.shares[0],
        detail: ["turns": positions.turns, "turns of the random walk": walk.turns]),
      Reading(
        claim: "weights.positions.axis", value: positions.order(along: 2), control: walk.order(along: 2)),
    ]
  }
}

/// A curve in many dimensions in its first three principal components.
struct PrincipalCurve: Sendable {
  /// The curve, `[point][component]`.
  let points: [[Double]]
  /// The share of the variance in each component, the largest first.
  let shares: [Double]

  /// The components of a curve given as rows, `[point, dimension]`.
  init(of curve: Tensor) throws {
    let centered = curve - curve.mean(axis: 0, keepingAxis: true)
    let eigen = try centered.matmul(centered, transposingSelf: true).symmetricEigen()
    let variances = eigen.values.elements.reversed().map { max(Double($0), 0) }
    let total = variances.reduce(0, +)
    shares = variances.map { $0 / total }
    let count = curve.shape[1]
    let first = (1...3).map { eigen.vectors.slice(axis: 1, count - $0..<count - $0 + 1) }
    let components = first.map { centered.matmul($0).elements.map(Double.init) }
    points = (0..<curve.shape[0]).map { point in components.map { $0[point] } }
  }

  /// How often the curve goes round in the plane of its first two components, by the angle from point to point.
  var turns: Double {
    func angle(_ point: [Double]) -> Double { atan2(point[1], point[0]) }
    let steps = zip(points, points.dropFirst()).map { first, second in
      let step = angle(second) - angle(first)
      return step > .pi ? step - 2 * .pi : step < -.pi ? step + 2 * .pi : step
    }
    return abs(steps.reduce(0, +)) / (2 * .pi)
  }

  /// How well a component orders the points: Spearman's correlation with their number, without its sign.
  func order(along component: Int) -> Double {
    abs(spearman(points.map { $0[component] }, points.indices.map(Double.init)))
  }
}
