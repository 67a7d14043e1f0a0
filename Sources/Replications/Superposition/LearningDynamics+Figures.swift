// Energy levels in training: dimensionalities above the loss for a model that jumps and one that does not, and how far
// dimensionalities move at every sudden drop of any model.

import Plotting

extension LearningDynamics {
  func figures(_ seeds: [[Trajectory]]) throws -> [Drawing] {
    let models = seeds.flatMap(\.self)
    guard !models.isEmpty else { return [] }
    return [try Drawing(name, trajectories(seeds, models)), try Drawing("\(name)-drops", drops(seeds, models))]
  }

  private static func steps(_ model: Trajectory) -> [Double] { model.losses.indices.map { Double($0 * interval) } }

  // MARK: Two models on their way

  private func trajectories(_ seeds: [[Trajectory]], _ models: [Trajectory]) -> Figure {
    let jumping = models.filter { !$0.drops.isEmpty }
    // Of the models that jump, the one whose features move farthest in its sudden drops.
    let jumper = jumping.max { Self.largestJump($0) < Self.largestJump($1) }
    let calm = models.filter(\.drops.isEmpty).min { ($0.losses.last ?? 0) < ($1.losses.last ?? 0) }
    let shown = [jumper.map { ("a model that jumps", $0) }, calm.map { ("a model that does not", $0) }].compactMap(\.self)
    return Figure(
      title: "Dimensionalities jump between levels where the loss drops suddenly",
      subtitle: "20 features in 5 dimensions, 1−S = 0.4; \(jumping.count) of \(models.count) models jump after step "
        + "\(Self.settled), \(seedCount(seeds)) of \(seeds.first?.count ?? 0) models",
      caption: "Above: a line for each feature's dimensionality, coloured where it moves by 0.2 or more during a drop. "
        + "Below: the loss on fixed samples, from step 500. Bands: intervals of \(Self.interval) steps in which the loss "
        + "drops by more than 30 times the median change.",
      rows: [shown.map { dimensionalities($0.0, $0.1) }, shown.map { loss($0.1) }],
      sharedX: .aligned, sharedY: .aligned)
  }

  private static func largestJump(_ model: Trajectory) -> Double {
    model.drops.map { model.largestChange(around: $0) }.max() ?? 0
  }

  private func bands(_ model: Trajectory) -> [Mark] {
    model.drops.map { .band(x: Double($0 * Self.interval)...Double(($0 + 1) * Self.interval), color: .series(3)) }
  }

  private func dimensionalities(_ title: String, _ model: Trajectory) -> Panel {
    let steps = Self.steps(model)
    let features = model.dimensionalities[0].indices
    let movers = features.filter { feature in
      model.drops.contains { drop in
        let (before, after) = (max(drop - 1, 0), min(drop + 2, model.dimensionalities.count - 1))
        return abs(model.dimensionalities[before][feature] - model.dimensionalities[after][feature]) >= 0.2
      }
    }
    let lines = features.sorted { !movers.contains($0) && movers.contains($1) }.map { feature -> Mark in
      let values = model.dimensionalities.map { $0[feature] }
      guard let index = movers.firstIndex(of: feature) else {
        return .line(nil, xs: steps, ys: values, color: .ink(.muted), style: .thin)
      }
      return .line("feature \(feature)", xs: steps, ys: values, color: .ink(.series(index)))
    }
    return Panel(
      title: title, x: .linear("step", 0...(steps.last ?? 1)), y: .linear("dimensionality Dᵢ", 0...1.05),
      size: Size(330, 170),
      marks: bands(model) + [.published(0.5, label: "1/2 digon"), .rule(y: 1, style: .dotted)] + lines)
  }

  private func loss(_ model: Trajectory) -> Panel {
    let start = 500 / Self.interval
    return Panel(
      x: .linear("step", 0...(Self.steps(model).last ?? 1)), y: .linear("loss"), size: Size(330, 120),
      marks: bands(model) + [
        .line(
          nil, xs: Array(Self.steps(model).dropFirst(start)), ys: Array(model.losses.dropFirst(start)),
          color: .ink(.foreground))
      ])
  }

  // MARK: All drops

  private func drops(_ seeds: [[Trajectory]], _ models: [Trajectory]) -> Figure {
    func points(_ model: Trajectory, _ intervals: [Int]) -> [Point] {
      intervals.map {
        Point(abs(model.losses[$0] - model.losses[$0 + 1]) / model.medianChange, model.largestChange(around: $0))
      }
    }
    let sudden = models.flatMap { points($0, $0.drops) }
    let calm = models.flatMap { points($0, Self.calmIntervals($0, count: $0.drops.count)) }
    return Figure(
      title: "Every sudden drop of the loss is a jump of a dimensionality",
      subtitle: "\(sudden.count) drops in \(models.count) models, \(seedCount(seeds))",
      caption: "Each point is an interval of \(Self.interval) steps after step \(Self.settled): how far the loss moves in "
        + "units of the model's median change, and the largest change of a dimensionality around it. A drop is sudden "
        + "right of 30, a change is a jump above 0.2. Control: as many intervals of the same models, far from drops.",
      panels: [
        Panel(
          x: .log("|change of the loss| / median"), y: .linear("largest change of a Dᵢ", 0...1), size: Size(420, 230),
          marks: [
            .rule(x: 30, label: "sudden"), .rule(y: 0.2, label: "jump"), .control(calm, name: "calm intervals (control)"),
            .scatter("sudden drops", sudden, opacity: 0.7),
          ])
      ])
  }
}
