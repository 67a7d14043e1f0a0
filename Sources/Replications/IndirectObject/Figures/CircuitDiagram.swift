// A circuit as Wang et al. 2022 draw theirs (figure 2), but measured: heads by the position at which they act and by
// layer, joined by the paths that were patched, as wide as what patching them costs.

import Plotting
import Transformer

/// The heads of a circuit with the effects of the paths between them.
struct CircuitDiagram: Sendable {
  /// The paths from one head to another, or to the logits.
  struct Edge: Sendable {
    /// The head that writes.
    var from: Writer
    /// The head that reads; nil for the logits.
    var to: Writer?
    /// The relative change of the logit difference when the path is patched.
    var effect: Double
  }

  /// The heads with their positions.
  let circuit: IndirectObjectCircuit
  /// The paths.
  let edges: [Edge]
  /// The number of layers of the model.
  let layers: Int

  /// The diagram: positions from left to right, layers upward, the logits on top.
  func panel(_ title: String, size: Size = Size(420, 260)) -> Panel {
    let roles: [IndirectObjectRole] = [.s1Next, .s2, .end]
    var places: [Writer: Point] = [:]
    for (column, role) in roles.enumerated() {
      let own = circuit.classes.filter { $0.role == role }.flatMap(\.heads)
      for layer in 0..<layers {
        let row = own.filter { $0.place.layer == layer }
        for (index, head) in row.enumerated() {
          let shift = (Double(index) - Double(row.count - 1) / 2) * min(0.24, 0.8 / Double(max(row.count, 1)))
          places[head] = Point(Double(column) + shift, Double(layer))
        }
      }
    }
    let heads = circuit.heads.filter { places[$0] != nil }
    let vertices = heads.compactMap { places[$0] } + [Point(Double(roles.count - 1), Double(layers))]
    let index = Dictionary(uniqueKeysWithValues: heads.enumerated().map { ($0.element, $0.offset) })
    let largest = edges.map(\.effect.magnitude).max() ?? 1
    let lines: [Mark.Edge] = edges.compactMap { edge in
      guard let from = index[edge.from], let to = edge.to.map({ index[$0] }) ?? heads.count else { return nil }
      return Mark.Edge(from, to, weight: max(0.2, 6 * edge.effect.magnitude / max(largest, 1e-9)))
    }
    let colors: [Ink] = heads.map { head in
      .series(circuit.classes.firstIndex { $0.heads.contains(head) } ?? 0)
    }
    let ticks = (0..<layers).map { Axis.Tick(Double($0), "\($0)") } + [Axis.Tick(Double(layers), "logits")]
    return Panel(
      title: title, x: .categories(roles.map(\.rawValue), label: "position"),
      y: .linear("layer", -0.4...Double(layers) + 0.4, ticks: ticks), size: size,
      marks: [
        .graph(
          vertices, edges: lines, color: .each(colors + [.foreground]), labels: heads.map(\.shortName) + [""])
      ]
        + circuit.classes.enumerated().map { index, group in
          .scatter(group.name, group.heads.compactMap { places[$0] }, color: .ink(.series(index)), radius: 5)
        })
  }
}
