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
    return problems + record.judgementProblems().map { "record.json \($0)" } + partProblems
  }

  /// The files that every bundle of such a record holds.
  private var expectedFiles: [String] {
    ["claims.yaml", "configuration.json", "environment.json"]
      + record.figures.flatMap { ["figures/\($0).svg", "data/\($0).csv"] }
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
