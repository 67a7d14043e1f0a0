// Dead latents in the course of training with and without resampling, and the losses at the end.

import Plotting

extension Resampling {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let xs = first.fast[0].dead.indices.map { Double(($0 + 1) * Self.interval) }
    func course(_ name: String, _ courses: KeyPath<Observation, [Course]>, _ arm: Int, _ style: LineStyle) -> Mark {
      .seeds(
        name, xs: xs, seeds.map { $0[keyPath: courses][arm].dead },
        color: courses == \.gentle ? .ink(.control) : .automatic, style: style, markers: false)
    }
    func ends(_ courses: KeyPath<Observation, [Course]>, _ shift: Double) -> [Point] {
      seeds.flatMap { seed in
        seed[keyPath: courses].enumerated().map { Point(Double($0) + shift, $1.loss) }
      }
    }
    let pairs = seeds.map { seed in
      Mark.line(nil, seed.fast.enumerated().map { Point(Double($0) - 0.1, $1.loss) }, style: .thin)
    }
    let resamplings = stride(from: 150, through: 1_050, by: 150).map { Mark.rule(x: Double($0), style: .dotted) }
    let figure = Figure(
      title: "Resampling brings back latents that a high learning rate has killed",
      subtitle: "\(Self.latents) latents for \(Recovery.features) features; \(seedsInWords(seeds.count))",
      caption:
        "Left: latents that were not active in the last \(Self.window) steps, mean and range over seeds; dotted lines are "
        + "resamplings. A learning rate of 0.1 that falls to zero kills half of the latents, all of which are needed. At a rate "
        + "of 0.01 none dies, and resampling has nothing to do. Right: the loss on samples that training never saw, penalty "
        + "included, a line for each seed.",
      rows: [
        [
          Panel(
            title: "dead latents", x: .linear("step", 0...Double(Self.steps)), y: .linear("share", 0...0.7),
            size: Size(360, 210),
            marks: resamplings + [
              course("rate 0.01, without (control)", \.gentle, 0, .solid),
              course("rate 0.01, resampled (control)", \.gentle, 1, .dashed),
              course("rate 0.1, without", \.fast, 0, .solid), course("rate 0.1, resampled", \.fast, 1, .solid),
            ]),
          Panel(
            title: "loss at the end", x: .categories(["without", "resampled"]), y: .linear("loss"),
            size: Size(180, 210),
            marks: pairs + [
              .scatter("rate 0.1, each seed", ends(\.fast, -0.1)),
              .control(ends(\.gentle, 0.1), name: "rate 0.01 (control)"),
            ]),
        ]
      ])
    return [try Drawing(name, figure)]
  }
}
