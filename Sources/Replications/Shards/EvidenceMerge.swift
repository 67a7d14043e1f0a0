// Joins the evidence of shards, or of any runs that belong together, in one folder. What does not belong together is
// refused: a board made of two versions of the package would be nobody's result.

import Foundation

/// Why folders of evidence cannot be joined.
public struct MergeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A sentence for each problem, with the files it is about.
  public let problems: [String]

  /// One problem a line.
  public var description: String { problems.joined(separator: "\n") }
}

/// Evidence of several folders that belongs together.
public struct EvidenceMerge: Sendable {
  /// The records, by the ids of their claims.
  public let records: [StoredRecord]

  /// How many shares the run had; nil where the folders are of whole runs.
  public let shardCount: Int?

  /// The claims of shares that are missing, which nothing was evaluated of; none unless that was allowed.
  public let missing: [String]

  private let files: [(path: String, source: URL)]

  /// Reads folders and checks that all is there and belongs together; the error lists everything that speaks against it.
  ///
  /// - Parameter allowsMissing: Whether shares may be missing, whose claims then stay without a record.
  public init(_ folders: [URL], allowsMissing: Bool = false) throws(MergeError) {
    var problems: [String] = []
    var records: [StoredRecord] = []
    var shards: [(path: String, manifest: ShardManifest)] = []
    for folder in folders.map(Evidence.init(folder:)) {
      do throws(EvidenceReadError) {
        records += try folder.storedRecords()
        shards += try folder.shardManifests()
      } catch {
        problems.append(error.description)
      }
    }
    guard problems.isEmpty else { throw MergeError(problems: problems) }
    records.sort { ($0.path, $0.url.path) < ($1.path, $1.url.path) }
    if records.isEmpty, shards.isEmpty {
      throw MergeError(problems: folders.map { "\($0.path) holds no evidence" })
    }

    let missing = Self.missing(from: shards)
    if !allowsMissing {
      problems += missing.map { shard, claims in
        let what = claims.isEmpty ? "" : ", which has \(claims.joined(separator: ", "))"
        return "\(ShardManifest.name(of: shard)) is in none of the folders\(what)"
      }
    }
    problems += Self.mixtures(of: records) + Self.problems(of: shards, records)
    var files: [String: URL] = [:]
    for (path, source) in records.flatMap(\.files) + shards.map(Self.file) {
      if let other = files.updateValue(source, forKey: path), other != source,
        !FileManager.default.contentsEqual(atPath: other.path, andPath: source.path)
      {
        problems.append("\(other.path) and \(source.path) differ, and only one can become \(path)")
      } else if !FileManager.default.fileExists(atPath: source.path) {
        problems.append("\(source.path) is missing, and a record beside it names it")
      }
    }
    guard problems.isEmpty else { throw MergeError(problems: problems.unique) }
    self.records = records.reduce(into: []) { unique, stored in
      if unique.last?.path != stored.path { unique.append(stored) }
    }
    self.files = files.map { (path: $0.key, source: $0.value) }.sorted { $0.path < $1.path }
    shardCount = shards.first?.manifest.shard.count
    // A share that was cut short may have left records of some of its claims.
    let recorded = Set(records.map(\.record.claim.id))
    self.missing = missing.flatMap(\.claims).filter { !recorded.contains($0) }
  }

  /// Copies everything into a folder that must not exist yet; it appears whole or not at all.
  public func write(to folder: URL) throws(MergeError) {
    let manager = FileManager.default
    guard !manager.fileExists(atPath: folder.path) else {
      throw MergeError(problems: ["\(folder.path) exists already; name a folder that does not"])
    }
    let beside = folder.deletingLastPathComponent().appending(
      path: ".\(folder.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).partial")
    do {
      try manager.createDirectory(at: beside, withIntermediateDirectories: true)
      for (path, source) in files {
        let target = beside.appending(path: path)
        try manager.createDirectory(at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
        try manager.copyItem(at: source, to: target)
      }
      try manager.moveItem(at: beside, to: folder)
    } catch {
      try? manager.removeItem(at: beside)
      throw MergeError(problems: ["\(folder.path) could not be written: \(error.localizedDescription)"])
    }
  }

  private static func file(of shard: (path: String, manifest: ShardManifest)) -> (path: String, source: URL) {
    (ShardManifest.name(of: shard.manifest.shard), URL(filePath: shard.path))
  }

  /// A sentence for each property in which two records differ and must not.
  private static func mixtures(of records: [StoredRecord]) -> [String] {
    guard let first = records.first else { return [] }
    let properties: [(name: String, value: (Record) -> String)] = [
      ("the schema's version", { "\($0.schemaVersion)" }), ("the package's commit", { $0.environment.commit }),
      ("the root seed", { "\($0.experiment.rootSeed)" }), ("the tier", { $0.experiment.tier.rawValue }),
      ("Swift", { $0.environment.swift }),
      ("OpenBLAS", { "\($0.environment.blas.version) with the kernel \($0.environment.blas.kernel)" }),
    ]
    var problems: [String] = []
    for (name, value) in properties {
      let expected = value(first.record)
      if let other = records.first(where: { value($0.record) != expected }) {
        let found = value(other.record)
        problems.append("\(name) is \(expected) in \(first.url.path) and \(found) in \(other.url.path)")
      }
    }
    for (one, other) in zip(records, records.dropFirst()) where one.path == other.path {
      let versions = (one.record.claim.version, other.record.claim.version)
      if versions.0 != versions.1 {
        problems.append("the claim has version \(versions.0) in \(one.url.path) and \(versions.1) in \(other.url.path)")
      }
    }
    return problems
  }

  /// The shares that none of the files describes, with their claims.
  private static func missing(
    from shards: [(path: String, manifest: ShardManifest)]
  ) -> [(shard: Shard, claims: [String])] {
    guard let plan = shards.first?.manifest.plan else { return [] }
    let present = Set(shards.map(\.manifest.shard.index))
    return plan.shares.indices.filter { !present.contains($0 + 1) }.compactMap { index in
      Shard(index: index + 1, count: plan.shares.count).map { ($0, plan.shares[index]) }
    }
  }

  /// What speaks against shares: other plans, a record that is missing, nobody's, or of another claim than was stated.
  private static func problems(
    of shards: [(path: String, manifest: ShardManifest)], _ records: [StoredRecord]
  ) -> [String] {
    guard let first = shards.first else { return [] }
    let expected = first.manifest
    var problems = shards.filter { !$0.manifest.isShare(ofTheRunOf: expected) }.map { path, _ in
      "\(path) is a share of another run than \(first.path): the claims, their division, the commit or the settings differ"
    }
    guard problems.isEmpty else { return problems }

    let recorded = Set(records.map(\.record.claim.id))
    for (path, manifest) in shards {
      for id in manifest.plan.claims(of: manifest.shard)
      where manifest.withoutRecord[id] == nil && !recorded.contains(id) {
        problems.append("\(path) says that \(id) was evaluated, and there is no record of it")
      }
    }
    let planned = Set(expected.plan.shares.joined())
    for stored in records where !planned.contains(stored.record.claim.id) {
      problems.append("\(stored.url.path) is of a claim that none of the shards was to evaluate")
    }
    for stored in records {
      let claim = stored.record.claim
      guard let stated = expected.claims[claim.id], (try? ShardManifest.StatedClaim(claim)) != stated else { continue }
      let difference =
        claim.version == stated.version
        ? "of version \(claim.version), but states it otherwise" : "of version \(claim.version)"
      problems.append(
        "\(stored.url.path) is \(difference), and \(first.path) says that version \(stated.version) was to be "
          + "evaluated")
    }
    return problems
  }
}

extension ShardManifest {
  /// Whether two shares are of one run.
  fileprivate func isShare(ofTheRunOf other: ShardManifest) -> Bool {
    plan == other.plan && tier == other.tier && seeds == other.seeds && rootSeed == other.rootSeed
      && library == other.library && claims == other.claims && commit == other.commit
  }
}

extension StoredRecord {
  /// The record's file and those of its figures, with their paths in a folder of evidence.
  var files: [(path: String, source: URL)] {
    let folder = url.deletingLastPathComponent()
    let figures = record.figures.flatMap { ["\($0).svg", "\($0).csv"] }.map { name in
      (path: "\(record.claim.finding)/\(name)", source: folder.appending(path: name))
    }
    return [(path, url)] + figures
  }
}

extension [String] {
  /// The texts in their order, each once.
  fileprivate var unique: [String] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
