// Grokking, drawn: the losses with the phases shaded, the progress measures beside them, the Fourier spectra of the
// weights, and what was published of the circuit on the same axes.

import Foundation
import Plotting
import ToyModels

extension ModularAddition {
  func figures(_ seeds: [Observation]) throws -> [Drawing] {
    guard let first = seeds.first else { return [] }
    return [
      try Drawing(name, progress(seeds)),
      try Drawing("\(name)-spectra", spectra(first)),
      try Drawing("\(name)-circuit", circuit(seeds)),
    ]
  }

  private var setting: String {
    let rate = configuration["learningRate"].map { value in
      if case .double(let rate) = value { rate.brief } else { "" }
    }
    return "p = \(settings.shape.prime), \(Int((100 * settings.share).rounded())) % of the pairs, "
      + "learning rate \(rate ?? ""), weight decay \(Double(settings.training.weightDecay).brief)"
  }

  // MARK: Progress

  /// The three phases of a course, as far as they were passed, shaded.
  private func phases(_ course: GrokkingCourse, named: Bool) -> [Mark] {
    let end = Double(course.measures.last?.step ?? 0)
    let memorised = course.memorised.map(Double.init) ?? end
    let formed = max(course.rises(\.excluded).map(Double.init) ?? end, memorised)
    let cleaned = max(course.generalised.map(Double.init) ?? end, formed)
    let ranges = [
      (0...memorised, "memorisation", Ink.series(5)), (memorised...formed, "circuit formation", .series(6)),
      (formed...cleaned, "cleanup", .series(7)),
    ]
    return ranges.filter { $0.0.lowerBound < $0.0.upperBound }.map { range, name, color in
      .band(x: range, label: named ? name : nil, color: color, opacity: 0.14)
    }
  }

  /// One measure of every seed: the first as a line of its own, the others faint behind it.
  private func lines(
    _ label: String, _ courses: [GrokkingCourse], _ color: Ink, style: LineStyle = .solid,
    _ measure: (ProgressMeasures) -> Double
  ) -> [Mark] {
    courses.enumerated().reversed().map { seed, course in
      .line(
        seed == 0 ? label : nil, xs: course.measures.map { Double($0.step) }, ys: course.measures.map(measure),
        color: .ink(color), style: seed == 0 ? style : .thin)
    }
  }

  /// The ends of the published phases, where the settings are the published ones.
  private var publishedEnds: [Mark] {
    guard settings.training == ModularAdditionTraining(), settings.shape == ModularAdditionShape() else { return [] }
    return [1_400, 9_400, 14_000].map { .published(x: $0, label: "") }
  }

  private func progress(_ seeds: [Observation]) -> Figure {
    let courses = seeds.map(\.course)
    let controls = Array(seeds.compactMap(\.withoutDecay).prefix(1))
    let x = Axis.linear("step", 0...Double(settings.steps))
    let chance = log(Double(settings.shape.prime))
    func panel(_ title: String, _ y: Axis, _ marks: [Mark], named: Bool = false) -> Panel {
      Panel(
        title: title, x: x, y: y, size: Size(350, 190), marks: phases(courses[0], named: named) + publishedEnds + marks)
    }
    let losses =
      [Mark.rule(y: chance, label: "guessing", style: .dotted)]
      + lines("no weight decay", controls, .control, style: .dashed) { $0.heldOut.loss }
      + lines("training", courses, .series(0)) { $0.training.loss }
      + lines("held out", courses, .series(1)) { $0.heldOut.loss }
    let circuits =
      [Mark.rule(y: chance, label: "guessing", style: .dotted)]
      + lines("restricted to other frequencies", Array(courses.prefix(1)), .series(2), style: .dashed) {
        $0.restrictedControl
      }
      + lines("held out", courses, .series(1)) { $0.heldOut.loss }
      + lines("restricted, held out", courses, .series(2)) { $0.restricted }
      + lines("excluded, training", courses, .series(3)) { $0.excluded }
    let top = 1.05 * (courses.flatMap { $0.measures.map { max($0.heldOut.loss, $0.excluded) } }.max() ?? 1)
    let gini =
      lines("no weight decay", controls, .control, style: .dashed) { $0.logitGini }
      + lines("W_E", courses, .series(0)) { $0.embeddingGini } + lines("W_L", courses, .series(4)) { $0.logitGini }
    let squares =
      lines("no weight decay", controls, .control, style: .dashed) { $0.sumOfSquares }
      + lines("all weights", courses, .foreground) { $0.sumOfSquares }
    return Figure(
      title: "The circuit forms long before the held-out loss says so",
      subtitle: "\(setting); \(seedsInWords(courses.count)): seed 0 strong, others faint",
      caption:
        "Bands are the phases of seed 0: memorisation until the accuracy in training passes 0.99, circuit formation until "
        + "the excluded loss has risen by one nat, cleanup until the held-out accuracy passes 0.99. Restricted: the logits' class "
        + "means and components cos and sin of w(a + b) for the key frequencies of the last model; excluded: without "
        + "those components. Dashed, controls: no weight decay (grey), and as many other frequencies (in the colour of the "
        + "restricted loss)."
        + (publishedEnds.isEmpty ? "" : " Upright lines: where the published phases end, 1,400, 9,400 and 14,000."),
      rows: [
        [
          panel("loss in nats", .log("loss"), losses, named: true),
          panel("progress measures in nats", .linear("loss", 0...top), circuits, named: true),
        ],
        [
          panel("sparsity in Fourier space", .linear("Gini coefficient", 0...1), gini),
          panel("sum of squared weights", .log("sum of squares"), squares),
        ],
      ])
  }

  // MARK: Spectra

  private func spectra(_ seed: Observation) -> Figure {
    let frequencies = Array(1...settings.shape.prime / 2)
    let control = settings.controlSteps > 0 ? "no weight decay (control)" : "untrained (control)"
    func panel(_ title: String, _ norms: [Double], keys: [Int], top: Double, y: String) -> Panel {
      let inks = frequencies.map { keys.contains($0) ? Ink.series(0) : .muted }
      return Panel(
        title: title, x: .linear("frequency k", 0...Double(frequencies.count + 1)), y: .linear(y, 0...top * 1.05),
        size: Size(350, 140),
        marks: [.bars(nil, norms, at: frequencies.map(Double.init), color: .each(inks))])
    }
    func row(_ y: String, _ name: String, _ trained: [Double], _ other: [Double]) -> [Panel] {
      [
        panel("\(name), trained", trained, keys: seed.trained.keyFrequencies, top: trained.max() ?? 1, y: y),
        panel("\(name), \(control)", other, keys: [], top: other.max() ?? 1, y: y),
      ]
    }
    let keys = seed.trained.keyFrequencies.map(String.init).joined(separator: ", ")
    return Figure(
      title: "A few key frequencies carry the embedding and the logits",
      subtitle: "\(setting); seed 0 after \(settings.steps) steps; key frequencies \(keys)",
      caption:
        "The norm of each frequency's components, cos and sin together, in the embedding W_E and in the map from neurons "
        + "to logits W_L = W_out W_U. Coloured: key frequencies, those with more than a twentieth of the power of the "
        + "strongest in W_L. The published model has five of 56, {14, 35, 41, 42, 52}; which ones is a matter of the seed.",
      rows: [
        row("‖F W_E‖", "W_E", seed.trained.embeddingSpectrum, seed.control.embeddingSpectrum),
        row("‖F W_L‖", "W_L", seed.trained.logitSpectrum, seed.control.logitSpectrum),
      ])
  }

  // MARK: The circuit beside the published one

  /// Whether counts of frequencies can be compared with those of the paper.
  private var hasPublishedPrime: Bool { settings.shape.prime == ModularAdditionShape().prime }

  private func circuit(_ seeds: [Observation]) -> Figure {
    let control = settings.controlSteps > 0 ? "no weight decay" : "untrained"
    func interval(_ place: Int, _ published: Double?, _ value: (AdditionCircuit) -> Double) -> Interval {
      let values = seeds.map { value($0.trained) }
      let mean = ConfidenceInterval.mean(of: values, level: Judge.level)
      return Interval(
        at: Double(place), estimate: values.reduce(0, +) / Double(values.count),
        range: mean.map { $0.lower...$0.upper },
        published: published, control: value(seeds[0].control), samples: values)
    }
    let shares = Panel(
      title: "shares", x: .categories(["variance of the logits", "neurons of one frequency"]),
      y: .linear("share", 0...1.1),
      size: Size(280, 200),
      marks: [
        .intervals([
          interval(0, 0.95) { $0.logitVariance }, interval(1, 433.0 / 512) { $0.singleFrequencyNeurons },
        ])
      ])
    let counts = Panel(
      title: "key frequencies", x: .categories(["of \(settings.shape.prime / 2)"]), y: .linear("count"),
      size: Size(120, 200),
      marks: [.intervals([interval(0, hasPublishedPrime ? 5 : nil) { Double($0.keyFrequencies.count) }])])
    let neurons = seeds[0].trained.neurons.sorted(by: >)
    let others = seeds[0].control.neurons.sorted(by: >)
    func ranked(_ name: String, _ values: [Double], _ color: Ink, _ style: LineStyle) -> Mark {
      .line(
        name, xs: values.indices.map { Double($0) / Double(values.count) }, ys: values, color: .ink(color), style: style
      )
    }
    let ranks = Panel(
      title: "neurons of seed 0, ordered", x: .linear("share of the neurons", 0...1),
      y: .linear("variance in one frequency", 0...1), size: Size(260, 200),
      marks: [
        .rule(y: 0.85, label: "85 %", style: .dotted), .published(x: 433.0 / 512, label: "84.6 %"),
        ranked("control: \(control)", others, .control, .dashed), ranked("trained", neurons, .series(0), .solid),
      ])
    return Figure(
      title: "What the circuit explains, beside the published model",
      subtitle: "\(setting); \(seedsInWords(seeds.count)), \(settings.steps) steps",
      caption:
        "Published: cosines of w(a + b − c) of five key frequencies explain 95 % of the variance of the logits, and 433 of "
        + "512 neurons have more than 85 % of their variance in one frequency. Diamonds: \(control), seed 0. Right: for "
        + "every neuron the largest share of its variance that one frequency explains.",
      rows: [[shares, counts, ranks]])
  }
}
