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
    // Everybody's loss drops in the initial descent; models differ in whether it drops once more.
    let jumping = models.filter { !$0.drops.isEmpty }
    func lastChange(_ model: Trajectory) -> Double { model.drops.last.map { model.largestChange(around: $0) } ?? 0 }
    let shown = [
      jumping.max { lastChange($0) < lastChange($1) }.map { ("a late drop", $0) },
      models.first { $0.drops.isEmpty }.map { ("none after the initial descent", $0) },
    ]
    .compactMap(\.self)
    return Figure(
      title: "Features settle on levels; where the loss drops late, they change level",
      subtitle: "20 features in 5 dimensions, 1−S = 0.4; two of \(models.count) models, \(seedsInWords(seeds.count))",
      caption:
        "The model with the largest jump over a drop and the first without a drop. Above: the dimensionality of each "
        + "feature, coloured where it changes by 0.3 or more over the last drop. Below: the loss on fixed "
        + "samples from step 500. Bands: drops after the initial descent, by more than 30 times the median change in "
        + "every \(Self.interval) steps; \(jumping.count) of \(models.count) models have one.",
      rows: [shown.map { dimensionalities($0.0, $0.1) }, shown.map { loss($0.1) }], sharedX: .aligned, sharedY: .aligned
    )
  }

  /// The features that jump over the last drop.
  private static func movers(_ model: Trajectory) -> [Int] {
    guard let last = model.drops.last else { return [] }
    let changes = model.changes(around: last)
    return changes.indices.filter { isJump(changes[$0]) }
  }

  private func bands(_ model: Trajectory) -> [Mark] {
    model.drops.map {
      .band(x: Double($0.lowerBound * Self.interval)...Double($0.upperBound * Self.interval), color: .series(3))
    }
  }

  private func dimensionalities(_ title: String, _ model: Trajectory) -> Panel {
    let steps = Self.steps(model)
    let features = model.dimensionalities[0].indices
    let movers = Self.movers(model)
    let lines = features.sorted { !movers.contains($0) && movers.contains($1) }.map { feature -> Mark in
      let values = model.dimensionalities.map { $0[feature] }
      guard let index = movers.firstIndex(of: feature) else {
        return .line(nil, xs: steps, ys: values, color: .ink(.muted), style: .thin)
      }
      return .line(nil, xs: steps, ys: values, color: .ink(.series(index)))
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

  /// A run of intervals of a model: when it begins, how far the loss moves in it, and how far a dimensionality.
  private struct Change {
    var step: Double
    /// In units of the model's median change.
    var loss: Double
    var dimensionality: Double

    init(_ model: Trajectory, _ run: Range<Int>) {
      step = Double(run.lowerBound * LearningDynamics.interval)
      loss = abs(model.losses[run.lowerBound] - model.losses[run.upperBound]) / model.medianChange
      dimensionality = model.largestChange(around: run)
    }
  }

  private func drops(_ seeds: [[Trajectory]], _ models: [Trajectory]) -> Figure {
    let sudden = models.flatMap { model in model.drops.map { Change(model, $0) } }
    let calm = models.flatMap { model in model.calmRuns.map { Change(model, $0) } }
    func jumps(_ drops: [Change]) -> String {
      "\(drops.count { Self.isJump($0.dimensionality) }) of \(drops.count)"
    }
    let y = Axis.linear("largest change of a Dᵢ", 0...1)
    func panel(_ title: String, _ x: Axis, _ place: (Change) -> Double) -> Panel {
      Panel(
        title: title, x: x, y: y, size: Size(320, 220),
        marks: [
          .rule(y: 0.3, label: "a jump"),
          .control(calm.map { Point(place($0), $0.dimensionality) }, name: "calm stretches (control)"),
          .scatter("sudden drops", sudden.map { Point(place($0), $0.dimensionality) }, opacity: 0.7),
        ])
    }
    return Figure(
      title: "Dimensionalities move where the loss drops suddenly",
      subtitle: "\(sudden.count) sudden drops in \(models.count) models, \(seedsInWords(seeds.count))",
      caption:
        "Each point is a drop: the largest change of a dimensionality over it, against when it begins and how far the "
        + "loss falls in units of the model's median change. \(jumps(sudden)) drops are jumps of 0.3 or more. Control: "
        + "stretches of the same models, as long and far from drops.",
      panels: [
        panel("over time", .linear("step", 0...Double(Self.steps))) { $0.step },
        panel("over the fall of the loss", .log("|change of the loss| / median")) { $0.loss },
      ], columns: 2, sharedY: .aligned)
  }
}
