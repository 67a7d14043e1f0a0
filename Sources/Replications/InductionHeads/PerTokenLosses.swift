// Trajectories of per-token losses (Olsson et al. 2022, Per-Token Loss Analysis and Data Collection (1)).
//
// The loss on one random token of each of many rows, at many moments of training, is a path in a space of as many
// dimensions. Its first two principal components, common to a two-layer and a one-layer model, show where it turns. The
// background is a Markov chain, so that bigrams are learned first and induction heads form later.

import Foundation
import Tensors
import Transformer

struct PerTokenLosses: Experiment {
  let name = "PerTokenLosses"
  let claims = ["induction.losses.pivot"]
  let configuration: [String: ConfigurationValue] = [
    "architecture": "attention only, positions in queries and keys", "width": 32, "heads": 2, "vocabulary": 32,
    "length": 48, "background": "Markov chain, 32 Zipfian successors and 30 % uniform", "copyRate": 0.3,
    "spanLengths": "4…12", "batchSize": 32, "learningRate": 1e-2,
    "optimizer": "AdamW, β 0.9 and 0.98, decay 0.01, norm clipped to 1, 50 steps of warm-up",
    "steps": .int(Self.steps.last ?? 0), "snapshots": .int(Self.steps.count), "tokens": .int(Self.tokens),
  ]

  /// The numbers of steps after which losses are taken.
  static let steps = Array(stride(from: 0, through: 1_000, by: 50))

  /// The number of rows, of one token each.
  static let tokens = 512

  struct Observation: Sendable {
    var twoLayers: InductionCurve
    var oneLayer: InductionCurve
    /// The paths of both models in the plane of the first two principal components, `[moment][component]`.
    var twoLayerPath: [[Double]]
    var oneLayerPath: [[Double]]
    /// The share of the variance that each component explains.
    var explained: [Double]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let chain = MarkovChain.zipfian(states: 32, successors: 32, uniformShare: 0.3, using: run.random("chain"))
    let data = CopiedSpans(vocabulary: 32, length: 48, rate: 0.3, background: .markov(chain))
    let probe = InductionProbe(data, heldOut: Self.tokens, stream: run.random("probe"))
    func train(layers: Int, from start: Double, weight: Double) throws -> InductionCurve {
      try InductionCurve.train(
        AttentionOnlyModel(layers: layers, width: 32, vocabulary: 32, length: 48), on: data, learningRate: 1e-2,
        at: Self.steps, probe: probe, stream: run.random("training")
      ) { run.report(start + weight * $0) }.curve
    }
    let two = try train(layers: 2, from: 0, weight: 0.6)
    let one = try train(layers: 1, from: 0.6, weight: 0.4)
    let (paths, explained) = try Self.plane(of: [two, one].map { $0.readings.map(\.sampledLosses) })
    return Observation(
      twoLayers: two, oneLayer: one, twoLayerPath: paths[0], oneLayerPath: paths[1], explained: explained)
  }

  /// Paths in the plane of their common first two principal components, and the variance that each of these explains.
  ///
  /// - Parameter paths: `[path][moment][token]`.
  static func plane(of paths: [[[Double]]]) throws -> (paths: [[[Double]]], explained: [Double]) {
    let moments = paths.flatMap(\.self)
    let points = Tensor(moments.flatMap { $0.map(Float.init) }, [moments.count, moments.first?.count ?? 0])
    let svd = try (points - points.mean(axis: 0, keepingAxis: true)).svd()
    let turned = (svd.u * svd.values).slice(axis: 1, 0..<2).rows
    // The sign of a component is arbitrary: every path is drawn from below and from the left.
    let signs = (0..<2).map { (turned.first?[$0] ?? 0) > 0 ? -1.0 : 1 }
    let coordinates = turned.map { zip($0, signs).map(*) }
    let squares = svd.values.elements.map { Double($0) * Double($0) }
    let total = squares.reduce(0, +)
    var start = 0
    let parts = paths.map { path in
      defer { start += path.count }
      return Array(coordinates[start..<start + path.count])
    }
    return (parts, squares.prefix(2).map { $0 / total })
  }

  /// How far a path moves in a window at right angles to its way before, over the length of that way.
  ///
  /// - Parameters:
  ///   - path: Points in the plane at the given steps.
  ///   - window: From where to where the movement counts.
  static func pivot(of path: [[Double]], at steps: [Int], in window: ClosedRange<Double>) -> (
    share: Double, angle: Double
  ) {
    let curve = InductionCurve(steps: steps, readings: [])
    func point(_ step: Double) -> [Double] { (0..<2).map { axis in curve.value(path.map { $0[axis] }, at: step) } }
    let (origin, start, end) = (point(0), point(window.lowerBound), point(window.upperBound))
    let before = zip(start, origin).map(-)
    let within = zip(end, start).map(-)
    let along = before[0] * within[0] + before[1] * within[1]
    let across = (before[0] * within[1] - before[1] * within[0]).magnitude
    let square = before[0] * before[0] + before[1] * before[1]
    return (across / square, atan2(across, along) * 180 / .pi)
  }

  func readings(_ seed: Observation) -> [Reading] {
    let window = seed.twoLayers.window
    let two = Self.pivot(of: seed.twoLayerPath, at: Self.steps, in: window)
    let one = Self.pivot(of: seed.oneLayerPath, at: Self.steps, in: window)
    return [
      Reading(
        claim: "induction.losses.pivot", value: two.share, control: one.share,
        detail: [
          "degrees": two.angle, "degrees, one layer": one.angle, "window from": window.lowerBound,
          "window to": window.upperBound, "explained by the first component": seed.explained[0],
          "explained by the second": seed.explained[1],
          "prefix matching": seed.twoLayers.prefixMatching.last ?? .nan,
          "in-context learning": seed.twoLayers.inContextLearning.last ?? .nan,
          "in-context learning, one layer": seed.oneLayer.inContextLearning.last ?? .nan,
          "bump": seed.twoLayers.bump(), "bump, one layer": seed.oneLayer.bump(),
        ])
    ]
  }
}
