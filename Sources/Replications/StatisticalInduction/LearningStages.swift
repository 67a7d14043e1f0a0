// How a model's distance from each strategy goes over training, and what is read from it: which strategy it follows when,
// when bigrams take over, and how suddenly.

/// Divergences from the three strategies to a model over its training.
struct LearningStages: Sendable {
  /// The numbers of updates, ascending.
  private(set) var steps: [Int] = []
  /// The divergences at each of them.
  private(set) var divergences: [ContextStrategies.Divergences] = []

  /// The strategies, in the order in which they are learned.
  enum Strategy: String, CaseIterable, Sendable { case uniform, unigram, bigram }

  /// Records the divergences after a number of updates.
  mutating func append(_ step: Int, _ value: ContextStrategies.Divergences) {
    steps.append(step)
    divergences.append(value)
  }

  /// The divergence from one strategy at each step.
  func curve(_ strategy: Strategy) -> [Double] {
    divergences.map {
      switch strategy {
      case .uniform: $0.uniform
      case .unigram: $0.unigram
      case .bigram: $0.bigram
      }
    }
  }

  /// The divergence from a strategy relative to the smaller one of the others, at each step: below 1 where the model is
  /// closest to it.
  func relative(_ strategy: Strategy) -> [Double] {
    let own = curve(strategy)
    let others = Strategy.allCases.filter { $0 != strategy }.map { curve($0) }
    return own.indices.map { own[$0] / min(others[0][$0], others[1][$0]) }
  }

  /// The first step at which the model is closer to bigrams than to unigrams; nil when it never is.
  var takeover: Int? {
    zip(steps, divergences).first { $1.bigram < $1.unigram }?.0
  }

  /// The place of the step at which the model is closest to unigrams.
  var closestToUnigrams: Int {
    let curve = curve(.unigram)
    return curve.indices.min { curve[$0] < curve[$1] } ?? 0
  }

  /// A stage: the divergence that falls in it, and the places of its first and last steps.
  private func stage(_ strategy: Strategy) -> (values: [Double], first: Int, last: Int) {
    strategy == .bigram
      ? (curve(.bigram), closestToUnigrams, steps.count - 1) : (curve(.unigram), 0, closestToUnigrams)
  }

  /// How suddenly a stage begins, in units of its own length: the fall in its first tenth, relative to that in the tenth
  /// in which it falls most.
  ///
  /// 1 when the fall is fastest at the start, near 0 after a plateau. The bigram stage begins at the step closest to
  /// unigrams, where the unigram stage ends. Steps between two records are interpolated.
  func firstTenth(of strategy: Strategy) -> Double {
    let (values, first, last) = stage(strategy)
    guard last > first else { return .nan }
    let (begin, end) = (Double(steps[first]), Double(steps[last]))
    let tenth = (end - begin) / 10
    func fall(from step: Double) -> Double { value(values, at: step) - value(values, at: step + tenth) }
    let starts = (first..<last).map { Double(steps[$0]) }.filter { $0 + tenth <= end }
    let most = starts.map(fall).max() ?? 0
    return most > 0 ? fall(from: begin) / most : .nan
  }

  /// A curve at a step, by interpolation.
  private func value(_ curve: [Double], at step: Double) -> Double {
    guard let next = steps.firstIndex(where: { Double($0) >= step }) else { return curve.last ?? .nan }
    guard next > 0 else { return curve[0] }
    let share = (step - Double(steps[next - 1])) / Double(steps[next] - steps[next - 1])
    return curve[next - 1] + share * (curve[next] - curve[next - 1])
  }

  /// How suddenly the bigram stage begins; see `startOfFall`.
  var bigramStart: Double { startOfFall(curve(.bigram), from: closestToUnigrams, to: steps.count - 1) }

  /// The rate of fall in the first tenth of a stage, relative to the fastest rate between two neighbouring steps in it: 1
  /// when the fall is fastest at the start, near 0 when it begins with a plateau.
  private func startOfFall(_ values: [Double], from first: Int, to last: Int) -> Double {
    guard last > first else { return .nan }
    func rate(_ from: Int, _ to: Int) -> Double { (values[from] - values[to]) / Double(steps[to] - steps[from]) }
    let fastest = (first..<last).map { rate($0, $0 + 1) }.max() ?? 0
    return fastest > 0 ? rate(first, first + max(1, (last - first) / 10)) / fastest : .nan
  }
}
