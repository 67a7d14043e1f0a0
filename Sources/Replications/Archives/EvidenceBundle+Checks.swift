// Whether a bundle is what it says: its bytes by their hashes, and its verdict by the rule and the values in it.

import Foundation

extension EvidenceBundle {
  /// A sentence for each thing that is not as the bundle says; none where all is well.
  public func problems() -> [String] {
    var problems: [String] = []
    for (path, entry) in manifest.files.sorted(by: { $0.key < $1.key }) {
      guard let data = files[path] else {
        problems.append("\(path) is missing")
        continue
      }
      let found = Manifest.Entry(data)
      if found != entry {
        problems.append(
          "\(path) is another file: its SHA-256 is \(found.sha256), expected \(entry.sha256) (\(entry.bytes) bytes)")
      }
    }
    let listed = Set(manifest.files.keys).union(["manifest.json"])
    problems += files.keys.filter { !listed.contains($0) }.sorted().map { "\($0) is not in the manifest" }
    if (manifest.claim, manifest.version) != (record.claim.id, record.claim.version) {
      problems.append(
        "the manifest is of \(manifest.claim), version \(manifest.version), and the record of "
          + "\(record.claim.id), version \(record.claim.version)")
    }
    for path in expectedFiles where files[path] == nil && manifest.files[path] == nil {
      problems.append("\(path) is missing, and the record names it")
    }
    return problems + verdictProblems + partProblems
  }

  /// The files that every bundle of such a record holds.
  private var expectedFiles: [String] {
    ["claims.yaml", "configuration.json", "environment.json"]
      + record.figures.flatMap { ["figures/\($0).svg", "data/\($0).csv"] }
  }

  /// Judges the recorded values again; what could not be measured cannot be judged.
  private var verdictProblems: [String] {
    guard record.verdict.outcome != .error else { return [] }
    let measured = record.measurement
    guard measured.values.count == record.experiment.seeds.count, measured.controls.count == measured.values.count
    else { return ["record.json has \(measured.values.count) values for \(record.experiment.seeds.count) seeds"] }
    let judgement = Judge.judge(measured.values, controls: measured.controls, by: record.claim.criterion)
    var problems: [String] = []
    if judgement.verdict.outcome != record.verdict.outcome {
      problems.append(
        "record.json says \(record.verdict.outcome.words), and its values are judged as "
          + "\(judgement.verdict.outcome.words): \(judgement.reason)")
    }
    if judgement.measured != measured.summary || judgement.control != measured.controlSummary {
      problems.append("record.json sums up other values than it has")
    }
    if record.verdict.isExpected != record.claim.expectation.isMet(by: record.verdict.outcome) {
      problems.append("record.json says wrongly whether its verdict was expected")
    }
    return problems
  }

  /// Compares the parts that say the same thing twice.
  private var partProblems: [String] {
    func decoded<Part: Decodable>(_ path: String, _ type: Part.Type) -> Part? {
      files[path].flatMap { try? RecordCoding.decode(type, from: $0) }
    }
    var problems: [String] = []
    if files["configuration.json"] != nil,
      decoded("configuration.json", Configuration.self) != Configuration(record)
    {
      problems.append("configuration.json and record.json differ")
    }
    if files["environment.json"] != nil, decoded("environment.json", RunEnvironment.self) != record.environment {
      problems.append("environment.json and record.json differ")
    }
    if let data = files["claims.yaml"] {
      let claims = try? ClaimsFile(
        text: String(decoding: data, as: UTF8.self), name: "claims.yaml", key: record.claim.paper)
      let claim = claims?.claims.first { $0.id == record.claim.id }
      if claim != record.claim {
        problems.append("claims.yaml does not state the claim that record.json was judged by")
      }
    }
    return problems
  }
}
