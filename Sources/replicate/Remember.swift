// `replicate remember`: a run goes into the history.

import ArgumentParser
import Foundation
import Replications

/// Adds a run to a file of history.
struct Remember: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Add the run whose records are in the evidence to a file of history, one line of JSON.",
    discussion:
      """
      The file only grows: earlier lines keep their bytes, and a run that is there already is not added again. A run of \
      which shards are missing is refused with exit code 3, or left out with --unless-incomplete.
      """)

  @Argument(help: "The file, for instance history.jsonl; made if it does not exist.")
  var history: String

  @Flag(help: "Leave a run of which shards are missing out, and exit with 0.")
  var unlessIncomplete = false

  @OptionGroup var evidence: EvidenceOptions
  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    let folder = evidence.folder(in: try workspace.workspace())
    let missing = try Evidence(folder: folder).missingShards()
    guard missing.isEmpty else {
      let shards = missing.map(\.description).joined(separator: ", ")
      let reason = "\(folder.path) is no whole run: the shards \(shards) are missing"
      guard unlessIncomplete else { throw HistoryError(description: reason) }
      return write("\(self.history): unchanged, since \(reason)")
    }
    let records = try Evidence(folder: folder).storedRecords().map(\.record)
    guard let entry = try HistoryEntry(records) else {
      throw HistoryError(description: "\(folder.path) holds no records")
    }
    let url = URL(filePath: self.history)
    var history = try History(contentsOf: url)
    let isNew = try history.append(entry)
    if isNew { try history.write(to: url) }
    let runs = "\(history.entries.count) \(history.entries.count == 1 ? "run" : "runs")"
    write(isNew ? "\(self.history): \(runs)" : "\(self.history): this run is there already, \(runs)")
  }
}
