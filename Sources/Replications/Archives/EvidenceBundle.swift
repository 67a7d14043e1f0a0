// One claim's evidence in one file that can be handed to somebody else:
//
//   manifest.json        the SHA-256 and size of every other file
//   record.json          the record
//   claims.yaml          what was published, as the paper's folder states it
//   configuration.json   the experiment and its settings, seeds and assets
//   environment.json     processor, system and tools
//   figures/*.svg, data/*.csv
//   README.md            how to check it
//
// Times, durations, the machine's name and the number of jobs are left out, so that the same run on the same kind of
// machine gives the same bytes; they stay in the record that the bundle was made from.

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
    try self.init(of: claim, evidence: evidence, papers: workspace.root.appending(path: "papers"))
  }

  /// Gathers the evidence of a claim of a paper whose folder is in `papers`.
  init(of claim: Claim, evidence: Evidence, papers: URL) throws {
    guard let stored = try evidence.record(finding: claim.finding, claim: claim.id) else {
      let place = evidence.recordFile(finding: claim.finding, claim: claim.id).path
      throw BundleError(description: "\(place) does not exist: run the claim first, `replicate run \(claim.id)`")
    }
    guard stored.claim == claim else {
      let fields = stored.claim.differences(from: claim).joined(separator: ", ")
      throw BundleError(
        description: "the record of \(claim.id) is of another claim than is stated in "
          + "papers/\(claim.paper)/claims.yaml, which differs in \(fields)")
    }
    let record = stored.withoutTimes
    var files = [
      "record.json": try record.encoded(),
      "claims.yaml": try Self.read(papers.appending(components: claim.paper, "claims.yaml")),
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
    let archived = try ArchiveReader.files(of: url)
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
  public func archive(as format: ArchiveFormat = .tarZstandard) throws -> Data {
    let order = files.keys.sorted { ($0 == "manifest.json" ? 0 : 1, $0) < ($1 == "manifest.json" ? 0 : 1, $1) }
    return try ArchiveWriter.archive(order.map { ArchivedFile(path: $0, data: files[$0] ?? Data()) }, as: format)
  }

  /// Writes the archive in the place of an older one, in the format that the name says.
  ///
  /// - Throws: ``BundleError`` where the name ends in no format.
  public func write(to url: URL) throws {
    guard let format = ArchiveFormat(nameOf: url) else {
      throw BundleError(description: "\(url.path) is no name of an archive: it must end in .tar.zst or .zip")
    }
    try AtomicFile.write(try archive(as: format), to: url)
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

    The record here says nothing of when it was made and how long it took, on which machine and with how many jobs, so that
    the same run gives the same archive.

    Check the hashes and the verdict, and run it again, in a checkout of the package at commit
    \(record.environment.commit):

        swift run -c release replicate verify --rerun FILE

    """
  }
}
