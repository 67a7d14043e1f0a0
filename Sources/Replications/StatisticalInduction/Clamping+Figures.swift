// The loss of the toy model by which factors are clamped, and how long each fit waits.

import Foundation
import Plotting

extension Clamping {
  func figures(_ seeds: [[Problem]]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(
        name,
        Figure(
          title: "A plateau for every factor that is not given",
          subtitle: "a ⊗ b ⊗ c of 20 elements each, gradient descent; \(seedsInWords(seeds.count)) of "
            + "\(Self.problems) problems",
          caption:
            "Left: the loss of the problems of the first seed, relative to the unclamped loss at the start, by which "
            + "factors are clamped to their true values. Right: the step at which the loss has halved, in every problem of "
            + "every seed.",
          panels: [Self.losses(first), Self.halfTimes(seeds)], columns: 2))
    ]
  }

  private static func ink(_ condition: Condition) -> Ink {
    .series(Condition.allCases.firstIndex(of: condition) ?? 0)
  }

  private static func losses(_ problems: [Problem]) -> Panel {
    let xs = drawnSteps.map(Double.init)
    let lines = Condition.allCases.flatMap { condition in
      problems.enumerated().map { index, problem in
        Mark.line(
          index == 0 ? "clamped: \(condition.rawValue)" : nil, xs: xs, ys: problem.truth[condition]?.drawn ?? xs,
          color: .ink(ink(condition)), style: .thin)
      }
    }
    return Panel(
      title: "loss", x: .log("step", 1...Double(steps)), y: .linear("relative loss", 0...1.2), size: Size(360, 220),
      marks: lines)
  }

  private static func halfTimes(_ seeds: [[Problem]]) -> Panel {
    let marks = Condition.allCases.enumerated().map { place, condition in
      let times = seeds.joined().compactMap { $0.truth[condition]?.halfTime }
      // Problems side by side, so that equal times can be told apart.
      let points = times.enumerated().map { index, time in
        Point(Double(place) - 0.3 + 0.6 * Double(index) / Double(max(times.count - 1, 1)), Double(max(time, 1)))
      }
      return Mark.scatter(nil, points, color: .ink(ink(condition)), opacity: 0.7)
    }
    return Panel(
      title: "step of half the loss", x: .categories(Condition.allCases.map(\.rawValue), label: "clamped"),
      y: .log("step", 1...Double(steps)), size: Size(220, 220), marks: marks)
  }
}
