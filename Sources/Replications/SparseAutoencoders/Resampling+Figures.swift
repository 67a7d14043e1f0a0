// Dead latents in the course of training with and without resampling, and the losses at the end.

import Plotting

extension Resampling {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    let xs = first.fast[0].dead.indices.map { Double(($0 + 1) * Self.interval) }
    func course(_ name: String, _ arm: Arm, _ color: Coloring = .automatic, _ style: LineStyle = .solid) -> Mark {
      .seeds(name, xs: xs, seeds.map { $0.fast[arm.rawValue].dead }, color: color, style: style, markers: false)
    }
    let order: [Arm] = [.none, .any, .dead, .deadAnywhere]
    func ends(_ arms: [Arm]) -> [Point] {
      seeds.flatMap { seed in
        order.enumerated().filter { arms.contains($1) }.map { Point(Double($0), seed.fast[$1.rawValue].loss) }
      }
    }
    let pairs = seeds.map { seed in
      Mark.line(nil, order.enumerated().map { Point(Double($0), seed.fast[$1.rawValue].loss) }, style: .thin)
    }
    let gentle = mean(seeds.map(\.gentle.loss))
    let resamplings = stride(from: 150, through: 1_050, by: 150).map { Mark.rule(x: Double($0), style: .dotted) }
    let figure = Figure(
      title: "Resampling brings back latents that a high learning rate has killed",
      subtitle: "\(Self.latents) latents for \(Recovery.features) features; \(seedsInWords(seeds.count))",
      caption:
        "Left: latents that were not active in the last \(Self.window) steps, mean and range over seeds; dotted lines are "
        + "resamplings. A learning rate of 0.1 that falls to zero kills half of the latents, all of which are needed; at a "
        + "rate of 0.01 none dies. The control restarts as many latents as are dead, drawn from all of them. Right: the loss on "
        + "samples that training never saw, penalty included, a line for each seed.",
      rows: [
        [
          Panel(
            title: "dead latents", x: .linear("step", 0...Double(Self.steps)), y: .linear("share", 0...0.7),
            size: Size(360, 210),
            marks: resamplings + [
              .seeds(
                "rate 0.01", xs: xs, seeds.map(\.gentle.dead), color: .ink(.muted), style: .dotted, markers: false),
              course("any resampled (control)", .any, .ink(.control), .dashed), course("without", .none),
              course("dead resampled", .dead), course("dead, at random directions", .deadAnywhere, .automatic, .dashed),
            ]),
          Panel(
            title: "loss at the end", x: .categories(["without", "any", "dead", "random"]), y: .linear("loss"),
            size: Size(200, 210),
            marks: pairs + [
              .rule(y: gentle, label: "rate 0.01"), .scatter("each seed", ends([.none, .dead, .deadAnywhere])),
              .control(ends([.any]), name: "any resampled (control)"),
            ]),
        ]
      ])
    return [try Drawing(name, figure)]
  }
}
