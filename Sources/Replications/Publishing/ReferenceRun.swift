// `papers/<key>/results.json`: the run that a note is about. Everything generated in the note comes from this file, so
// that a note can be checked without training anything.

import Foundation

/// The records of a paper's claims under one root seed, with the figures that its note shows.
public struct ReferenceRun: Sendable, Hashable, Codable {
  /// The version of the file's schema that this package writes.
  public static let currentSchemaVersion = 1

  /// The version of the schema.
  public let schemaVersion: Int

  /// The key of the paper.
  public let paper: String

  /// The records of its claims, in the order of `claims.yaml`.
  public let records: [Record]

  /// The figures beside the note.
  public let figures: [PublishedFigure]

  /// The same claims under other root seeds; nil where they were not counted.
  public let rootSeeds: RootSeedCounts?

  /// A figure of the note, and the hashes of its files.
  public struct PublishedFigure: Sendable, Hashable, Codable {
    /// The file name without extension.
    public let name: String
    /// Its title, as the drawing states it.
    public let title: String
    /// The SHA-256 of the drawing.
    public let svg: String
    /// The SHA-256 of the numbers in it.
    public let csv: String
  }

  /// The record of a claim.
  public func record(_ claim: String) -> Record? { records.first { $0.claim.id == claim } }

  /// The file's bytes: JSON with sorted keys, so that equal runs are equal files.
  func encoded() throws -> Data { try RecordCoding.encode(self) }

  /// Reads `results.json` in a paper's folder; nil where there is none.
  static func stored(in folder: URL) throws(RecordFileError) -> ReferenceRun? {
    let url = folder.appending(path: "results.json")
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    do {
      let run = try RecordCoding.decode(ReferenceRun.self, from: Data(contentsOf: url))
      guard run.schemaVersion == currentSchemaVersion else {
        let reason = "its schema has version \(run.schemaVersion), and \(currentSchemaVersion) is read here"
        throw RecordFileError(path: url.path, reason: reason)
      }
      return run
    } catch let error as RecordFileError {
      throw error
    } catch {
      throw RecordFileError(path: url.path, reason: "\(error)")
    }
  }
}
