// What a share of a run leaves beside its records, `shard-2-of-4.json`, so that whoever joins the shares knows whether
// all are there and whether they belong together.

import Foundation

/// A share that was run to its end.
public struct ShardManifest: Sendable, Hashable, Codable {
  /// The version of the file's fields.
  static let currentSchemaVersion = 2

  /// The version of the file's fields.
  public let schemaVersion: Int

  /// Which share it is.
  public let shard: Shard

  /// All shares: who was to do what.
  public let plan: ShardPlan

  /// The share's claims that left no record, and why: most were not evaluated.
  public let withoutRecord: [String: String]

  /// The tier of the run.
  public let tier: Tier

  /// The number of seeds that was asked for; absent where it was left to the claims.
  public let seeds: Int?

  /// The seed from which all randomness derives.
  public let rootSeed: UInt64

  /// The SHA-256 of all claims of the library, so that a changed bound shows even where the commit does not.
  public let library: String

  /// The claims of all shares as they were stated, by id.
  public let claims: [String: StatedClaim]

  /// The commit of the package.
  public let commit: String

  /// Which claim a record must be of.
  public struct StatedClaim: Sendable, Hashable, Codable {
    /// The claim's version.
    public let version: Int
    /// The SHA-256 of all that is stated: bound, control, seeds and words.
    public let sha256: String

    init(_ claim: Claim) throws {
      version = claim.version
      sha256 = SHA256.hexadecimal(try RecordCoding.encode(claim))
    }
  }

  /// Describes a share of a session's run once it is done.
  public init(_ shard: Shard, of plan: ShardPlan, outcomes: [ClaimOutcome], session: Session) throws {
    schemaVersion = Self.currentSchemaVersion
    self.shard = shard
    self.plan = plan
    withoutRecord = Dictionary(
      outcomes.filter { $0.record == nil }.map { ($0.claim.id, $0.reason) }, uniquingKeysWith: { first, _ in first })
    tier = session.settings.tier
    seeds = session.settings.seeds
    rootSeed = session.settings.rootSeed
    library = SHA256.hexadecimal(try RecordCoding.encode(session.library.claims))
    let planned = plan.shares.joined().compactMap(session.library.claim)
    claims = Dictionary(
      try planned.map { ($0.id, try StatedClaim($0)) }, uniquingKeysWith: { first, _ in first })
    commit = session.commit
  }

  /// The name of a share's file.
  public static func name(of shard: Shard) -> String { "shard-\(shard.index)-of-\(shard.count).json" }

  /// The share that a file's name tells, or nil.
  static func shard(named name: String) -> Shard? {
    guard let match = name.wholeMatch(of: /shard-([0-9]+)-of-([0-9]+)\.json/) else { return nil }
    return Shard("\(match.output.1)/\(match.output.2)")
  }
}

extension Evidence {
  /// Takes away what an earlier run of a share left, so that a run that is cut short does not look finished.
  public func forget(_ shard: Shard) throws(EvidenceError) {
    let url = folder.appending(path: ShardManifest.name(of: shard))
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    do {
      try FileManager.default.removeItem(at: url)
    } catch {
      throw EvidenceError(path: url.path, reason: "the older one cannot be removed")
    }
  }

  /// Writes the file of a share.
  public func write(_ manifest: ShardManifest) throws {
    try AtomicFile.write(
      try RecordCoding.encode(manifest), to: folder.appending(path: ShardManifest.name(of: manifest.shard)))
  }

  /// The shares of the folder's run that left no file there; none where the run was not divided.
  public func missingShards() throws(EvidenceReadError) -> [Shard] {
    let shards = try shardManifests().map(\.manifest.shard)
    guard let count = shards.first?.count else { return [] }
    return (1...count).filter { index in !shards.contains { $0.index == index } }
      .compactMap { Shard(index: $0, count: count) }
  }

  /// The shares whose files lie in the folder, in their order, with the path of each.
  func shardManifests() throws(EvidenceReadError) -> [(path: String, manifest: ShardManifest)] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let shards = names.compactMap { name in ShardManifest.shard(named: name).map { (name: name, shard: $0) } }
    var manifests: [(path: String, manifest: ShardManifest)] = []
    for (name, shard) in shards.sorted(by: { ($0.shard.count, $0.shard.index) < ($1.shard.count, $1.shard.index) }) {
      let path = folder.appending(path: name).path
      guard let data = try? Data(contentsOf: URL(filePath: path)),
        let manifest = try? RecordCoding.decode(ShardManifest.self, from: data),
        manifest.schemaVersion == ShardManifest.currentSchemaVersion, manifest.shard == shard,
        manifest.plan.shares.count == shard.count
      else {
        throw EvidenceReadError(description: "\(path) does not describe the shard \(shard) in a form that is read here")
      }
      manifests.append((path, manifest))
    }
    return manifests
  }
}
