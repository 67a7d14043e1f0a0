// The helix of position vectors, beside a random walk that is none.

import Plotting

extension PositionVectors {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let seed = seeds.first else { return [] }
    return [try Drawing(name, Self.helix(seed))]
  }

  private static func helix(_ seed: Observation) -> Figure {
    let colors = ColorScale.sequential("position", 0...1024)
    func view(_ title: String, _ curve: PrincipalCurve) -> Panel {
      // Each component in units of the largest, the third one upward.
      let reach = curve.points.flatMap { $0.map(abs) }.max() ?? 1
      let places = Array(stride(from: 0, to: curve.points.count, by: 6))
      let vertices = places.map { place in curve.points[place].map { $0 / reach } }
      let edges = vertices.indices.dropLast().map { Mark.Edge($0, $0 + 1, weight: 0.7) }
      return .geometry(
        title: title, reach: 1.35, side: 240,
        marks: [
          .wireframe(vertices, edges: edges, yaw: 30, pitch: 24, color: .values(places.map { Double($0 + 1) }, colors))
        ])
    }
    func components(_ curve: PrincipalCurve) -> Panel {
      let places = Array(stride(from: 0, to: curve.points.count, by: 4))
      return Panel(
        x: .linear("position", 0...1024, ticks: [0, 256, 512, 768, 1024].map { Axis.Tick(Double($0), "\($0)") }),
        y: .linear("component"), size: Size(240, 150),
        marks: (0..<3).map { component in
          .line(
            "component \(component + 1)", xs: places.map { Double($0 + 1) },
            ys: places.map { curve.points[$0][component] })
        })
    }
    func share(_ curve: PrincipalCurve) -> String { "\((100 * curve.shares[..<3].reduce(0, +)).rounded().brief) %" }
    func turns(_ curve: PrincipalCurve) -> String { ((100 * curve.turns).rounded() / 100).brief }
    return Figure(
      title: "GPT-2's position vectors lie on a helix",
      subtitle:
        "three principal components of the vectors of positions 1 to 1022; seen from one side, and over position",
      caption:
        "Left: the position vectors; three components hold \(share(seed.positions)) of their variance. Right: a random walk "
        + "of as many steps in as many dimensions, of whose variance three components hold \(share(seed.walk)): it is a "
        + "smooth curve too, but its components are half waves of falling size, and it goes round "
        + "\(turns(seed.walk)) times, not \(turns(seed.positions)).",
      rows: [
        [view("GPT-2 small", seed.positions), view("random walk (control)", seed.walk)],
        [components(seed.positions), components(seed.walk)],
      ])
  }
}
