import Foundation
import Testing

@testable import Plotting

/// One figure of every mark with invented but plausible data, and figures that strain the layout.
///
/// To look at them, name a folder: `PLOTTING_GALLERY=/tmp/gallery swift test --filter GalleryTests`.
enum Gallery {
  /// A figure with the name of its file.
  struct Entry: CustomTestStringConvertible {
    let name: String
    let figure: Figure
    var testDescription: String { name }
  }

  static let entries: [Entry] = [
    Entry(name: "vectors", figure: vectors), Entry(name: "phase-diagram", figure: phaseDiagram),
    Entry(name: "sticky-lines", figure: stickyLines), Entry(name: "polytopes", figure: polytopes),
    Entry(name: "norms-and-gram", figure: normsAndGram), Entry(name: "crossing", figure: crossing),
    Entry(name: "correlated-sets", figure: correlatedSets), Entry(name: "dynamics", figure: dynamics),
    Entry(name: "neurons", figure: neurons), Entry(name: "forest", figure: forest),
    Entry(name: "head-heat-map", figure: headHeatMap),
  ]

  /// A small repeatable stream of numbers in 0..<1.
  struct Noise {
    var state: UInt64
    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
  }

  static func polygon(_ count: Int, radius: Double = 1.1, turn: Double = 0.3) -> [Point] {
    (0..<count).map { index in
      let angle = turn + 2 * Double.pi * Double(index) / Double(max(count, 1))
      return Point(radius * cos(angle), radius * sin(angle))
    }
  }

  static let vectors: Figure = {
    let importance = ColorScale.sequential("relative importance", 0.6...1)
    let densities = ["1", "0.5", "0.2", "0.1", "0.05"]
    let panels = [2, 4, 4, 5, 5].enumerated().map { (index: Int, count: Int) -> Panel in
      let values = (0..<count).map { (feature: Int) -> Double in pow(0.9, Double(feature)) }
      return Panel.geometry(
        title: "1−S = \(densities[index])", reach: 1.5,
        marks: [
          .vectors(
            polygon(count, radius: 1.05 + 0.02 * Double(index)),
            color: .values(values, importance),
            labels: index == 4 ? (0..<count).map { "W\($0)" } : nil)
        ])
    }
    return Figure(
      title: "As sparsity increases, five features share two dimensions",
      subtitle: "columns of W of the lowest-loss model of 20, per density",
      caption: "Each segment is the column of W that embeds one feature, coloured by the feature's importance. Dense "
        + "inputs keep the two most important features; sparse inputs keep all five as a pentagon.",
      footer: "elhage2022superposition/pentagon · reproduced", panels: panels, columns: 5)
  }()

  static let phaseDiagram: Figure = {
    let phases = ColorScale.categories([
      .init("not represented", .fixed(RGB(0xD9D9D9))), .init("superposition", .fixed(RGB(0xD6604D))),
      .init("dedicated dimension", .fixed(RGB(0x2166AC))),
    ])
    let importances = (0...10).map { (step: Int) -> Double in pow(10, -1 + 0.2 * Double(step)) }
    let densities = (0...10).map { (step: Int) -> Double in pow(10, -0.2 * Double(step)) }
    func boundary(_ i: Double) -> Double { i <= 1 ? 4 * i / (2 + 5 * i) : 4 / (2 * i + 5) }
    func map(_ isTheory: Bool, _ isLinear: Bool) -> [[Double]] {
      var noise = Noise(state: 3)
      return densities.map { p in
        importances.map { i in
          let shift = isTheory ? 1 : 0.94 + 0.12 * noise.next()
          if isLinear { return i < 1 ? 0 : 2 }
          return p < boundary(i) * shift ? 1 : i < 1 ? 0 : 2
        }
      }
    }
    let curve = (0...60).map { step -> Point in
      let i = pow(10, -1 + Double(step) / 30)
      return Point(i, boundary(i))
    }
    let panels = [("measured", false, false), ("theory", true, false), ("linear control", false, true)].map {
      (title: String, isTheory: Bool, isLinear: Bool) -> Panel in
      return Panel(
        title: title, x: .log("relative importance of the extra feature"), y: .log("density 1−S", reversed: true),
        size: Size(190, 190),
        marks: [
          .heatMap(map(isTheory, isLinear), colors: phases, xs: importances, ys: densities),
          .publishedCurve(curve, name: "theoretical boundary"),
        ])
    }
    return Figure(
      title: "Superposition is a phase of the optimum",
      subtitle: "two features in one dimension, best of 10 restarts per cell, 5 seeds", panels: panels, columns: 3,
      sharedX: .all, sharedY: .all)
  }()

  static let stickyLines: Figure = {
    let inverse = (0..<20).map { pow(20, Double($0) / 19) }
    let sticky = [
      1.004, 1, 0.948, 0.85, 0.574, 0.526, 0.511, 0.505, 0.494, 0.415, 0.376, 0.327, 0.292, 0.27, 0.233, 0.205, 0.186,
      0.167, 0.152, 0.136,
    ]
    var noise = Noise(state: 7)
    let cloud = zip(inverse, sticky).flatMap { (x: Double, value: Double) -> [Point] in
      (0..<24).map { _ -> Point in
        let spread: Double = 0.35 * (noise.next() - 0.5) * (value - 0.1)
        return Point(x * (0.97 + 0.06 * noise.next()), min(max(value + spread, 0), 1))
      }
    }
    let rules: [(Double, String)] = [
      (3.0 / 4, "3/4 tetrahedron"), (2.0 / 3, "2/3 triangle"), (1.0 / 2, "1/2 digon"), (2.0 / 5, "2/5 pentagon"),
      (3.0 / 8, "3/8 square antiprism"), (2.0 / 6, "2/6"), (2.0 / 7, "2/7"),
    ]
    let y = Axis.linear("dimensions per feature", 0...1.05)
    return Figure(
      title: "Dimensionality sticks at 1 and at 1/2",
      subtitle: "n = 200 features, m = 20 dimensions, 20 densities, one seed",
      rows: [
        [
          Panel(
            x: .log("1/(1−S)"), y: y, size: Size(380, 250),
            marks: rules.map { .rule(y: $0.0, label: $0.1, color: .series(4), style: .thin) } + [
              .scatter("one feature", cloud, color: .ink(.foreground), radius: 1, opacity: 0.6),
              .line("D* = m/‖W‖²", xs: inverse, ys: sticky, markers: true),
            ]),
          Panel(
            x: .linear("features"), y: y, size: Size(110, 250),
            marks: [
              .histogram(nil, cloud.map(\.y), bins: 42, in: 0...1.05, color: .ink(.muted), orientation: .horizontal)
            ]),
        ]
      ], sharedY: .aligned)
  }()

  static let polytopes: Figure = {
    let ring = polygon(3, radius: 1).map { [$0.x, $0.y, 0] }
    let bipyramid = ring + [[0, 0, 1], [0, 0, -1]]
    let octahedron: [[Double]] = [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
    let antiprism =
      polygon(4, radius: 0.85, turn: 0).map { [$0.x, $0.y, 0.5] }
      + polygon(4, radius: 0.85, turn: .pi / 4).map { [$0.x, $0.y, -0.5] }
    func edges(_ vertices: [[Double]]) -> [Mark.Edge] {
      vertices.indices.flatMap { a in
        vertices.indices.filter { $0 > a }.compactMap { b in
          let dot = zip(vertices[a], vertices[b]).reduce(0) { $0 + $1.0 * $1.1 }
          return dot < -0.01 ? Mark.Edge(a, b, weight: abs(dot) * 1.4) : nil
        }
      }
    }
    let shapes: [(String, [[Double]], String)] = [
      ("digon", [[1, 0, 0], [-1, 0, 0]], "1/2"), ("triangle", ring, "2/3"),
      ("triangular bipyramid", bipyramid, "2/3"), ("octahedron", octahedron, "1/2"),
      ("square antiprism", antiprism, "3/8"),
    ]
    let panels = shapes.map { (title: String, vertices: [[Double]], label: String) -> Panel in
      return Panel.geometry(
        title: title,
        marks: [.wireframe(vertices, edges: edges(vertices), labels: vertices.map { _ in label })])
    }
    let graphs = shapes.map { (_: String, vertices: [[Double]], _: String) -> Panel in
      return Panel.geometry(
        marks: [.graph(polygon(vertices.count, radius: 1), edges: edges(vertices), color: .ink(.series(1)))])
    }
    return Figure(
      title: "Polytopes trained one by one", subtitle: "lowest loss of 64 restarts",
      caption: "Above, the weight columns in the learned dimensions; below, which features interfere (width: |Wᵢ·Wⱼ|).",
      rows: [panels, graphs], rowLabels: ["geometry", "interference"])
  }()

  static let normsAndGram: Figure = {
    let superposition = ColorScale.sequential("superposition", 0...1, map: .coolToWarm)
    let dot = ColorScale.diverging("Wᵢ·Wⱼ", limit: 1)
    let rows: [[Panel]] = [(0, "1−S = 1"), (1, "1−S = 0.1"), (2, "1−S = 0.001")].map {
      (level: Int, label: String) -> [Panel] in
      let norms = (0..<20).map { (index: Int) -> Double in
        index < 5 + level * 5 ? 1.05 - 0.02 * Double(index) : 0.06
      }
      let shares = (0..<20).map { (index: Int) -> Double in level == 0 ? 0.02 : min(1, Double(index * level) / 14) }
      let gram = (0..<20).map { (i: Int) -> [Double] in
        (0..<20).map { (j: Int) -> Double in
          if i == j { return norms[i] }
          let isPair = level > 0 && i / 2 == j / 2 && i >= 4 && norms[i] > 0.5
          return isPair ? -0.9 * shares[i] : 0
        }
      }
      let bias = (0..<20).map { (index: Int) -> [Double] in
        [level == 0 && index >= 5 ? 0.5 : -0.05 * Double(level)]
      }
      return [
        Panel(
          title: label, x: .linear("feature, by importance", -0.7...19.7), y: .linear("‖Wᵢ‖", 0...1.2),
          size: Size(230, 90),
          marks: [
            .bars(nil, norms, color: .values(shares, superposition)), .rule(x: 4.5, label: level == 0 ? "m = 5" : nil),
          ]),
        .matrix(gram, colors: dot, rowLabel: "i", columnLabel: "j", cell: 4.5),
        .matrix(bias, colors: dot, columnNames: ["b"], cell: 4.5),
      ]
    }
    return Figure(
      title: "Superposition grows from the least important feature upward",
      subtitle: "n = 20 features, m = 5 dimensions, importance 0.7ⁱ, 5 seeds", rows: rows, sharedX: .aligned)
  }()

  static let crossing: Figure = {
    let ratios = [0.1, 0.14, 0.2, 0.3, 0.4, 0.55, 0.75, 1, 1.5]
    func points(_ f: (Double) -> Double) -> [Point] { ratios.map { Point($0, f($0)) } }
    let pentagon = points { 0.017 + 0.0255 * $0 }
    let digons = points { 0.0125 + 0.05 * $0 }
    let strip = ratios.prefix(6).map { (ratio: Double) -> Panel in
      return Panel.geometry(
        title: "r = \(ratio)", reach: 1.5, side: 78, marks: [.vectors(polygon(ratio < 0.25 ? 4 : 5))])
    }
    return Figure(
      title: "One feature made rarer: the pentagon gives way to two digons", subtitle: "24 restarts per density",
      rows: [
        Array(strip),
        [
          Panel(
            x: .log("relative density r"), y: .linear("loss / 0.05"), size: Size(520, 190),
            marks: [
              .band(x: 0.24...0.28, label: "measured crossing 0.26", color: .series(2)),
              .published(x: 0.4, margin: 0.02, label: "published 1/2.5"),
              .line("pentagon", pentagon, markers: true, directLabel: true),
              .line(
                "two digons", digons, low: digons.map { $0.y * 0.96 }, high: digons.map { $0.y * 1.04 }, style: .dashed),
              .control([Point(1.0, 0.0425)]),
              .annotation("curves cross once", at: Point(0.26, 0.0245)),
            ])
        ],
      ])
  }()

  static let correlatedSets: Figure = {
    let dot = ColorScale.diverging("Wᵢ·Wⱼ", limit: 1)
    func gram(_ isCorrelated: Bool) -> [[Double]] {
      var noise = Noise(state: 5)
      return (0..<20).map { (i: Int) -> [Double] in
        (0..<20).map { (j: Int) -> Double in
          if i == j { return 1 }
          return isCorrelated && i / 10 == j / 10 ? 0 : 0.7 * (noise.next() - 0.5)
        }
      }
    }
    let sets = [Mark.Group(-0.5...9.5, "set A"), Mark.Group(9.5...19.5, "set B")]
    let panels = [("correlated", true), ("independent (control)", false)].map {
      (title: String, isCorrelated: Bool) -> Panel in
      return Panel.matrix(
        title: title, gram(isCorrelated), colors: dot, rowLabel: "feature", columnLabel: "feature",
        marks: [.rowBrackets(sets), .columnBrackets(sets)])
    }
    return Figure(
      title: "Correlated features form local orthogonal bases",
      subtitle: "WᵀW, two sets of ten features in ten dimensions",
      panels: panels, columns: 2)
  }()

  static let dynamics: Figure = {
    let steps = (0...100).map { Double($0) * 200 }
    func curve(_ start: Double, _ level: Double, _ jump: Double) -> [Double] {
      steps.map { (step: Double) -> Double in
        let rise: Double = 1 / (1 + exp(-(step - jump) / 150))
        return start + (level - start) * rise
      }
    }
    let lines = (0..<8).map { (index: Int) -> Mark in
      let jump: Double = index == 5 ? 3900 : 400 + 150 * Double(index)
      let ys = curve(0.05 * Double(index), index < 6 ? 0.5 : 1, jump)
      return .line(nil, xs: steps, ys: ys, color: .ink(.series(index)))
    }
    let loss = steps.map { (step: Double) -> Double in
      let early: Double = 0.02 * exp(-step / 600)
      let drop: Double = 0.004 / (1 + exp((step - 3900) / 80))
      return 0.149 + early + drop
    }
    let jump = Mark.band(x: 3800...4100, color: .series(3))
    return Figure(
      title: "Loss drops when a feature changes level", subtitle: "n = 20, m = 5, density 0.4, seed 2",
      rows: [
        [
          Panel(
            x: .linear("step"), y: .linear("Dᵢ"), size: Size(440, 130),
            marks: [.band(x: 3800...4100, label: "jump", color: .series(3))]
              + [(0.0, "0"), (0.5, "1/2"), (1, "1")].map { .rule(y: $0.0, label: $0.1, style: .dotted) } + lines)
        ],
        [
          Panel(
            x: .linear("step"), y: .log("loss"), size: Size(440, 110),
            marks: [jump, .line("loss", xs: steps, ys: loss)])
        ],
      ], sharedX: .all)
  }()
}
