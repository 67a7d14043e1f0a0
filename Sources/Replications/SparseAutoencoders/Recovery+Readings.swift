// What the map of recovery says about the claims.

extension Recovery {
  func readings(_ seed: Observation) -> [Reading] {
    let (row, column) = Self.reading
    let best = seed.cells[row][column]
    let rows = seed.cells.map { $0.map(\.recovery) }
    let gaussian = seed.gaussian.map(\.recovery)
    let (half, equal, double) = (rows[0].max() ?? .nan, rows[1].max() ?? .nan, rows[2].max() ?? .nan)
    let dead = seed.cells[row].map(\.deadShare)
    return [
      Reading(
        claim: "autoencoders.recovery.mmcs", value: best.recovery, control: gaussian.max(),
        detail: [
          "principal components": mean(seed.components), "random": mean(seed.random[row]),
          "untrained": mean(seed.untrained[row]), "dense": seed.dense.map(\.recovery).max() ?? .nan,
          "unexplained variance": best.unexplained, "L0": best.l0, "dead": best.deadShare,
        ]),
      Reading(
        claim: "autoencoders.recovery.every-feature", value: best.cosines.min() ?? .nan,
        control: seed.dense.map { $0.cosines.min() ?? .nan }.max()),
      Reading(
        claim: "autoencoders.recovery.as-many-latents", value: equal, control: mean(seed.untrained[1]),
        detail: ["features above 0.9": seed.cells[1].map { Self.share(of: $0.cosines, above: 0.9) }.max() ?? .nan]),
      Reading(
        claim: "autoencoders.goldilocks.penalty", value: Self.ridge(rows[row]), control: Self.ridge(gaussian),
        detail: ["smallest penalty": rows[row].first ?? .nan, "largest penalty": rows[row].last ?? .nan]),
      Reading(
        claim: "autoencoders.goldilocks.size", value: double - half,
        control: mean(seed.random[2]) - mean(seed.random[0]),
        detail: ["half as many": half, "as many": equal, "four times as many": rows[3].max() ?? .nan]),
      Reading(
        claim: "autoencoders.dead.penalty", value: dead[5] - dead[2], control: dead[3] - dead[2],
        detail: ["largest penalty": dead[5], "best penalty": dead[3], "0.3": dead[2], "smallest penalty": dead[0]]),
      Reading(
        claim: "autoencoders.agreement", value: Self.correlation(seed.cells, \.agreement),
        control: Self.correlation(seed.cells, \.chanceAgreement)),
    ]
  }

  /// How far a row falls from its best towards the better one of its ends.
  static func ridge(_ row: [Double]) -> Double {
    (row.max() ?? .nan) - max(row.first ?? .nan, row.last ?? .nan)
  }

  /// The share of the numbers above a threshold.
  static func share(of values: [Double], above threshold: Double) -> Double {
    Double(values.count { $0 > threshold }) / Double(values.count)
  }

  /// The correlation by rank of agreement with recovery, over all dictionaries that there are larger ones than.
  static func correlation(_ cells: [[Cell]], _ agreement: KeyPath<Cell, Double?>) -> Double {
    let pairs = cells.joined().compactMap { cell in cell[keyPath: agreement].map { ($0, cell.recovery) } }
    return spearman(pairs.map(\.0), pairs.map(\.1))
  }
}
