// An outcome in full, for whoever has to find out why a claim did not hold.

extension ClaimOutcome {
  /// What was asked, what was measured at every seed, and why the verdict follows.
  public var explanation: String {
    let values = record?.measurement.values.map(\.brief).joined(separator: ", ") ?? ""
    let controls = record?.measurement.controls.map { $0?.brief ?? "none" }.joined(separator: ", ") ?? ""
    let summary = record?.measurement.summary
    let unit = claim.unit == "1" ? "" : " \(claim.unit)"
    let rows: [(String, String)] = [
      ("claim", "\(claim.id) (\(claim.criterion.kind.rawValue), \(claim.comparison.rawValue))"),
      ("statement", claim.statement),
      ("asked", "\(claim.criterion)\(unit)"),
      ("measured", summary.map { "\($0.mean.brief)\(unit)" } ?? ""),
      ("90 % interval", summary?.interval.map { "\($0.lower.brief) … \($0.upper.brief)" } ?? ""),
      ("values", values),
      ("control", controls.isEmpty ? "" : "\(controls) (\(claim.control))"),
      ("reason", reason),
      ("record", recordFile?.path ?? ""),
    ]
    let lines = rows.filter { !$0.1.isEmpty }.map { name, text in
      "  " + name + String(repeating: " ", count: 15 - name.count) + text
    }
    return ([verdict.outcome.words] + lines).joined(separator: "\n")
  }
}
