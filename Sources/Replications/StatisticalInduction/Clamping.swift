// Clamping in the toy model of a phase change (Singh et al. 2024, figure 5a; the authors' simple_model_solver.py).
//
// A product of three vectors is fitted by gradient descent. None is of use without the other two, so nothing happens for
// long and then everything; each factor that is given shortens the wait, and with two given there is none.

import ToyModels

struct Clamping: Experiment {
  let name = "Clamping"
  let claims = ["clamping.order", "clamping.sigmoidal", "clamping.exponential"]
  let configuration: [String: ConfigurationValue] = [
    "elements": 20, "problems": .int(Clamping.problems), "steps": .int(Clamping.steps), "rate": 1,
    "initial": "N(0, 1) times 0.1", "control": "factors clamped where they start",
  ]

  static let problems = 10
  static let steps = 20_000

  /// Which factors are held.
  enum Condition: String, CaseIterable, Sendable {
    case none, c
    case bc = "b and c"

    var factors: Set<Int> {
      switch self {
      case .none: []
      case .c: [2]
      case .bc: [1, 2]
      }
    }
  }

  /// The way of one fit.
  struct Descent: Sendable {
    /// The loss before each of `Clamping.drawnSteps`, relative to the first without clamping.
    var drawn: [Double]
    /// The number of steps until the loss is half of what it was; nil when it never is.
    var halfTime: Int?
    /// The rate of fall at the first step relative to the fastest.
    var start: Double

    init(_ losses: [Double], whole: Double) {
      drawn = Clamping.drawnSteps.map { losses[$0 - 1] / whole }
      halfTime = losses.firstIndex { $0 <= losses[0] / 2 }
      let rates = zip(losses, losses.dropFirst()).map { $0 - $1 }
      start = (rates.first ?? .nan) / (rates.max() ?? .nan)
    }
  }

  /// Steps that are drawn, counted from 1: twelve to a factor of ten.
  static let drawnSteps: [Int] = {
    var steps: [Int] = []
    var next = 1.0
    while Int(next) <= Clamping.steps {
      if Int(next) != steps.last { steps.append(Int(next)) }
      next *= 1.2115
    }
    return steps
  }()

  /// Fits of one problem under each condition, with factors clamped at the truth and where they start.
  struct Problem: Sendable {
    var truth: [Condition: Descent]
    var start: [Condition: Descent]
  }

  func observe(_ run: SeedRun) throws -> [Problem] {
    try (0..<Self.problems).map { problem in
      let initial = ProductFit(elements: 20, scale: 0.1, using: run.random("problem \(problem)"))
      func descents(_ clamp: ProductFit.Clamp) throws -> [Condition: Descent] {
        var (whole, results) = (Double.nan, [Condition: Descent]())
        for condition in Condition.allCases {
          try run.checkCancellation()
          var fit = initial
          let losses = fit.descend(steps: Self.steps, clamped: condition.factors, at: clamp)
          if condition == .none { whole = losses[0] }
          results[condition] = Descent(losses, whole: whole)
        }
        return results
      }
      defer { run.report(Double(problem + 1) / Double(Self.problems)) }
      return Problem(truth: try descents(.truth), start: try descents(.start))
    }
  }

  func readings(_ problems: [Problem]) -> [Reading] {
    func starts(_ condition: Condition) -> [Double] { problems.map { $0.truth[condition]?.start ?? .nan } }
    func halfTimes(_ condition: Condition) -> [Double] {
      problems.map { $0.truth[condition]?.halfTime.map(Double.init) ?? .infinity }
    }
    let unclamped = starts(.none)
    return [
      Reading(
        claim: "clamping.order", held: problems.allSatisfy { Self.isOrdered($0.truth) },
        controlHeld: problems.allSatisfy { Self.isOrdered($0.start) },
        detail: [
          "median half-time, none": Self.median(halfTimes(.none)), "median half-time, c": Self.median(halfTimes(.c)),
          "median half-time, b and c": Self.median(halfTimes(.bc)),
          "problems in order": Double(problems.count { Self.isOrdered($0.truth) }),
        ]),
      Reading(
        claim: "clamping.sigmoidal", value: unclamped.max() ?? .nan, control: starts(.bc).max() ?? .nan,
        detail: ["largest with c clamped": starts(.c).max() ?? .nan]),
      Reading(
        claim: "clamping.exponential", value: starts(.bc).min() ?? .nan, control: unclamped.min() ?? .nan),
    ]
  }

  /// Whether the loss halves last without clamping and first with two factors clamped; a loss that never halves takes
  /// forever.
  static func isOrdered(_ descents: [Condition: Descent]) -> Bool {
    let times = Condition.allCases.map { descents[$0]?.halfTime ?? .max }
    return times[0] > times[1] && times[1] > times[2]
  }

  /// The middle of some numbers; the higher one of two.
  static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}
