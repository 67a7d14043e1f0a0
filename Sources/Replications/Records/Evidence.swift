// The folder of evidence: `<Finding>/<claim>.json` for records, `<Finding>/<figure>.svg` and `.csv` for figures.

import Foundation

/// Writes and reads records and figures under one folder.
public struct Evidence: Sendable, Hashable {
  /// The folder.
  public let folder: URL

  /// Creates the evidence of a folder, which need not exist.
  public init(folder: URL) {
    self.folder = folder
  }

  /// The file of a claim's record.
  public func recordFile(finding: String, claim: String) -> URL {
    folder.appending(components: finding, "\(claim).json")
  }

  /// The file of a figure, `svg` or `csv`.
  public func figureFile(finding: String, name: String, extension suffix: String) -> URL {
    folder.appending(components: finding, "\(name).\(suffix)")
  }

  /// Writes a record in the place of an older one.
  func write(_ record: Record) throws(EvidenceError) {
    let url = recordFile(finding: record.claim.finding, claim: record.claim.id)
    let data: Data
    do {
      data = try record.encoded()
    } catch {
      throw EvidenceError(path: url.path, reason: "\(error)")
    }
    try AtomicFile.write(data, to: url)
  }

  /// Writes figures in the place of older ones.
  func write(_ drawings: [Drawing], finding: String) throws(EvidenceError) {
    for drawing in drawings {
      try AtomicFile.write(
        Data(drawing.svg.utf8), to: figureFile(finding: finding, name: drawing.name, extension: "svg"))
      try AtomicFile.write(
        Data(drawing.csv.utf8), to: figureFile(finding: finding, name: drawing.name, extension: "csv"))
    }
  }

  /// The record of a claim; nil where there is none.
  public func record(finding: String, claim: String) throws(RecordFileError) -> Record? {
    let url = recordFile(finding: finding, claim: claim)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    guard let data = try? Data(contentsOf: url) else {
      throw RecordFileError(path: url.path, reason: "it cannot be opened")
    }
    return try Self.record(in: data, path: url.path)
  }
}

/// Why a record could not be read.
public struct RecordFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file.
  public let path: String

  /// What is wrong with it.
  public let reason: String

  /// The sentence that a person reads.
  public var description: String {
    "\(path) is not a record that can be read: \(reason)"
  }
}
