// The eigenvalues of copying heads in the complex plane, and the histogram of their scores.

import Foundation
import Plotting

extension OneLayerCopying {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let heads = first.trained.eigenvalues.indices.map { head in
      Self.plane("head \(head)", first.trained.eigenvalues[head], control: first.initial.eigenvalues[head])
    }
    func histogram(_ name: String, _ scores: [Double], _ color: Coloring = .automatic) -> Mark {
      .histogram(name, scores, bins: 40, in: -1...1, color: color)
    }
    let scores = Panel(
      x: .linear("copying score Σ Re λ / Σ|λ|", -1...1), y: .linear("heads"), size: Size(560, 130),
      marks: [
        histogram("outputs' names shuffled", seeds.flatMap { $0.shuffled.flatMap(\.scores) }),
        histogram("before training", seeds.flatMap(\.initial.scores), .ink(.control)),
        histogram("trained", seeds.flatMap(\.trained.scores)), .rule(x: Self.threshold, label: "copies"),
      ])
    let figure = Figure(
      title: "The heads of a one-layer model copy",
      subtitle: "\(Self.model.heads) heads, width \(Self.model.width), Markov text with copied spans; "
        + seedsInWords(seeds.count),
      caption:
        "Above: the eigenvalues of each head's W_E·W_V·W_O·W_U that are not zero, seed 0, divided by the largest of "
        + "the head; before training they lie all round zero. Below: the scores of all heads of all seeds. The paper "
        + "has 10 of 12 heads copying.",
      rows: stride(from: 0, to: heads.count, by: 4).map { Array(heads[$0..<min($0 + 4, heads.count)]) } + [[scores]])
    return [try Drawing(name, figure)]
  }

  /// The eigenvalues of one head, each set divided by its largest.
  private static func plane(_ title: String, _ eigenvalues: [Complex], control: [Complex]) -> Panel {
    func points(_ values: [Complex]) -> [Point] {
      let largest = values.map { hypot($0.real, $0.imaginary) }.max() ?? 1
      return values.map { Point($0.real / largest, $0.imaginary / largest) }
    }
    let circle = (0...72).map { step in
      let angle = Double(step) * .pi / 36
      return Point(cos(angle), sin(angle))
    }
    return Panel(
      title: title, x: .linear("Re λ", -1.15...1.15), y: .linear("Im λ", -1.15...1.15), aspect: .equal,
      size: Size(110, 110),
      marks: [
        .line(nil, circle, color: .ink(.grid), style: .thin), .rule(x: 0),
        .control(points(control), name: "before training"), .scatter("trained", points(eigenvalues), radius: 3),
      ])
  }
}
