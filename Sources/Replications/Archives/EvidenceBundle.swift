// One claim's evidence in one file that can be handed to somebody else:
//
//   manifest.json        the SHA-256 and size of every other file
//   record.json          the record
//   claims.yaml          what was published, as the paper's folder states it
//   configuration.json   the experiment and its settings, seeds and assets
//   environment.json     machine, tools and time
//   figures/*.svg, data/*.csv
//   README.md            how to check it

import Foundation

/// Why a bundle cannot be made or is none.
public struct BundleError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence that a person reads.
  public let description: String
}

/// A claim's evidence as an archive.
public struct EvidenceBundle: Sendable {
  /// The version of the manifest's fields.
  static let currentSchemaVersion = 1

  /// The record.
  public let record: Record

  /// The files by path, the manifest among them.
  let files: [String: Data]

  let manifest: Manifest

  /// What a bundle says of itself.
  struct Manifest: Sendable, Hashable, Codable {
    let schemaVersion: Int
    let claim: String
    let version: Int
    /// The other files by path.
    let files: [String: Entry]

    struct Entry: Sendable, Hashable, Codable {
      let bytes: Int
      let sha256: String

      init(_ data: Data) {
        bytes = data.count
        sha256 = SHA256.hexadecimal(data)
      }
    }
  }

  /// What an experiment was run with.
  struct Configuration: Sendable, Hashable, Codable {
    let claim: String
    let finding: String
    let experiment: Record.MeasuringExperiment
    let assets: [String: String]

    init(_ record: Record) {
      claim = record.claim.id
      finding = record.claim.finding
      experiment = record.experiment
      assets = record.assets
    }
  }

  /// Gathers the evidence of a claim, whose record must be of the claim as the package states it.
  public init(of claim: Claim, evidence: Evidence, workspace: Workspace) throws {
    guard let record = try evidence.record(finding: claim.finding, claim: claim.id) else {
      let place = evidence.recordFile(finding: claim.finding, claim: claim.id).path
      throw BundleError(description: "\(place) does not exist: run the claim first, `replicate run \(claim.id)`")
    }
    guard record.claim == claim else {
      let versions =
        "of version \(record.claim.version), papers/\(claim.paper)/claims.yaml states version \(claim.version)"
      throw BundleError(description: "the record of \(claim.id) is of another claim than is stated: \(versions)")
    }
    var files = [
      "record.json": try Self.read(evidence.recordFile(finding: claim.finding, claim: claim.id)),
      "claims.yaml": try Self.read(workspace.root.appending(components: "papers", claim.paper, "claims.yaml")),
      "configuration.json": try RecordCoding.encode(Configuration(record)),
      "environment.json": try RecordCoding.encode(record.environment),
      "README.md": Data(Self.readme(record).utf8),
    ]
    for name in record.figures {
      for (folder, suffix) in [("figures", "svg"), ("data", "csv")] {
        let file = evidence.figureFile(finding: claim.finding, name: name, extension: suffix)
        files["\(folder)/\(name).\(suffix)"] = try Self.read(file)
      }
    }
    let manifest = Manifest(
      schemaVersion: Self.currentSchemaVersion, claim: claim.id, version: claim.version,
      files: files.mapValues(Manifest.Entry.init))
    files["manifest.json"] = try RecordCoding.encode(manifest)
    self.record = record
    self.manifest = manifest
    self.files = files
  }

  /// Reads an archive within limits; what it says is checked by ``problems()``.
  public init(contentsOf url: URL) throws {
    let archived = try TarReader.files(of: url)
    let files = Dictionary(archived.map { ($0.path, $0.data) }, uniquingKeysWith: { first, _ in first })
    func part<Part: Decodable>(_ path: String, _ type: Part.Type) throws(BundleError) -> Part {
      guard let data = files[path] else { throw BundleError(description: "\(url.path) holds no \(path)") }
      do {
        return try RecordCoding.decode(type, from: data)
      } catch {
        throw BundleError(description: "\(url.path): \(path) cannot be read: \(error)")
      }
    }
    manifest = try part("manifest.json", Manifest.self)
    guard manifest.schemaVersion == Self.currentSchemaVersion else {
      let versions = "version \(manifest.schemaVersion), and \(Self.currentSchemaVersion) is read here"
      throw BundleError(description: "\(url.path): the schema of manifest.json has \(versions)")
    }
    _ = try part("record.json", Record.self)
    record = try Evidence.record(in: files["record.json"] ?? Data(), path: "\(url.path): record.json")
    self.files = files
  }

  /// The archive's bytes: the manifest first, then the other files by path.
  public func archive() throws -> Data {
    let order = files.keys.sorted { ($0 == "manifest.json" ? 0 : 1, $0) < ($1 == "manifest.json" ? 0 : 1, $1) }
    return try TarWriter.archive(order.map { ArchivedFile(path: $0, data: files[$0] ?? Data()) })
  }

  /// Writes the archive in the place of an older one.
  public func write(to url: URL) throws {
    try AtomicFile.write(try archive(), to: url)
  }

  private static func read(_ url: URL) throws(BundleError) -> Data {
    guard let data = try? Data(contentsOf: url) else {
      throw BundleError(description: "\(url.path) is missing or cannot be read, and belongs to the evidence")
    }
    return data
  }

  private static func readme(_ record: Record) -> String {
    """
    # \(record.claim.id), version \(record.claim.version)

    \(record.claim.statement)

    Published (\(record.claim.source)): \(record.claim.criterion). Verdict: \(record.verdict.outcome.words).
    \(record.verdict.reason)

    Check the hashes and the verdict, and run it again, in a checkout of the package at commit
    \(record.environment.commit):

        swift run -c release replicate verify --rerun FILE

    """
  }
}
