// How well single units tell where variables hold: for each variable the unit and threshold with the best F1 on some
// words, and their F1 on others. Features, neurons, principal components and any other columns of numbers are units.

import Tensors

/// One unit and a threshold, taken for a variable.
struct Detector: Sendable, Hashable {
  /// The column.
  var unit: Int
  /// Whether values from the threshold up count, or from the threshold down.
  var isAbove: Bool
  var threshold: Float
  /// F1 on the words that unit and threshold were chosen on.
  var chosenScore: Double
  /// F1 on other words.
  var score: Double

  /// Whether the unit says yes.
  func fires(_ value: Float) -> Bool { isAbove ? value >= threshold : value <= threshold }

  /// The harmonic mean of precision and recall: 2·hits / (fired + held); 0 where nothing fired and nothing held.
  static func f1(hits: Int, fired: Int, held: Int) -> Double {
    fired + held == 0 ? 0 : 2 * Double(hits) / Double(fired + held)
  }

  /// Which values of a unit may count.
  enum Sides {
    /// Thresholds above zero: a feature is active or not.
    case active
    /// Any threshold, from either side: neurons and directions have no zero to go by.
    case both
  }

  // MARK: - Choosing

  /// The best detector of each variable among the columns of `[word, unit]`, chosen on the first half of the words.
  static func best(in units: Tensor, for labels: VariableLabels, sides: Sides) -> [Detector] {
    let words = labels.masks.count
    precondition(
      units.rank == 2 && units.shape[0] == words, "units of shape \(units.shape) for \(words) labelled words")
    let columns = units.transposed()
    let half = words / 2
    var best = labels.variables.map { _ in
      Detector(unit: 0, isAbove: true, threshold: .infinity, chosenScore: 0, score: 0)
    }
    columns.withUnsafeElements { values in
      for unit in 0..<units.shape[1] {
        let column = UnsafeBufferPointer(rebasing: values[unit * words..<unit * words + half])
        choose(unit, column, labels.masks, isAbove: true, sides, &best)
        if sides == .both { choose(unit, column, labels.masks, isAbove: false, sides, &best) }
      }
      for variable in best.indices {
        let start = best[variable].unit * words
        var (hits, fired, held) = (0, 0, 0)
        for word in half..<words {
          let (fires, holds) = (best[variable].fires(values[start + word]), labels[variable, word])
          fired += fires ? 1 : 0
          held += holds ? 1 : 0
          hits += fires && holds ? 1 : 0
        }
        best[variable].score = f1(hits: hits, fired: fired, held: held)
      }
    }
    return best
  }

  /// Lets one unit compete: its words in order of value, the threshold moved past one value after the other.
  private static func choose(
    _ unit: Int, _ column: UnsafeBufferPointer<Float>, _ masks: [UInt32], isAbove: Bool, _ sides: Sides,
    _ best: inout [Detector]
  ) {
    let variables = best.count
    var held = Array(repeating: 0, count: variables)
    for word in column.indices {
      for variable in 0..<variables { held[variable] += Int(masks[word] >> UInt32(variable) & 1) }
    }
    var order = sides == .active ? column.indices.filter { column[$0] > 0 } : Array(column.indices)
    order.sort { isAbove ? column[$0] > column[$1] : column[$0] < column[$1] }
    var hits = Array(repeating: 0, count: variables)
    for (place, word) in order.enumerated() {
      for variable in 0..<variables { hits[variable] += Int(masks[word] >> UInt32(variable) & 1) }
      // A threshold cannot part equal values.
      if place + 1 < order.count, column[order[place + 1]] == column[word] { continue }
      for variable in 0..<variables {
        let score = f1(hits: hits[variable], fired: place + 1, held: held[variable])
        guard score > best[variable].chosenScore else { continue }
        best[variable] = Detector(
          unit: unit, isAbove: isAbove, threshold: column[word], chosenScore: score, score: 0)
      }
    }
  }
}

/// The best detectors of all variables by one kind of unit.
struct DetectorScores: Sendable {
  let variables: [LanguageVariable]
  let detectors: [Detector]

  /// Chooses among the columns of `[word, unit]`.
  init(_ units: Tensor, _ labels: VariableLabels, sides: Detector.Sides) {
    variables = labels.variables
    detectors = Detector.best(in: units, for: labels, sides: sides)
  }

  /// F1 of the best unit for each variable.
  var scores: [Double] { detectors.map(\.score) }

  /// The mean over the variables of a group.
  func mean(of group: LanguageVariable.Group) -> Double { mean { $0.group == group } }

  /// The mean over groups.
  var overall: Double {
    let groups = LanguageVariable.Group.allCases
    return groups.reduce(0) { $0 + mean(of: $1) } / Double(groups.count)
  }

  /// The mean over groups of the variables that no word tells by itself.
  var ofContext: Double {
    let groups = LanguageVariable.Group.allCases.filter { group in
      variables.contains { $0.group == group && $0.isOfContext }
    }
    return groups.reduce(0) { sum, group in sum + mean { $0.group == group && $0.isOfContext } }
      / Double(groups.count)
  }

  private func mean(where condition: (LanguageVariable) -> Bool) -> Double {
    let scores = zip(variables, detectors).filter { condition($0.0) }.map(\.1.score)
    return scores.reduce(0, +) / Double(scores.count)
  }
}
