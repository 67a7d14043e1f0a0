// `replicate merge`: the evidence of shards, joined.

import ArgumentParser
import Foundation
import Replications

/// Joins folders of evidence.
struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Join the evidence of shards in a new folder.",
    discussion: """
      The folders must be of one run: of the same commit, claims, root seed, tier, compiler and OpenBLAS kernel, with \
      every shard there and every record of the claim that its shard was to evaluate. Anything else is refused with exit \
      code 3, and nothing is written. With --allow-missing the shards that are there are joined all the same; the claims \
      of the others are not evaluated, and `remember` refuses what was joined.
      """)

  @Argument(help: "The folder to write, which must not exist yet.")
  var output: String

  @Argument(help: "The folders of evidence to join.")
  var folders: [String]

  @Flag(help: "Join what is there when shards are missing.")
  var allowMissing = false

  @Flag(help: "Print JSON.")
  var json = false

  mutating func run() throws {
    let merge = try EvidenceMerge(folders.map { URL(filePath: $0) }, allowsMissing: allowMissing)
    try merge.write(to: URL(filePath: output))
    let summary = Summary(
      folder: output, folders: folders.count, shards: merge.shardCount, claims: merge.records.map(\.record.claim.id),
      missing: merge.missing)
    if json { return try writeJSON(summary) }
    let shards = merge.shardCount.map { ", \($0) shards" } ?? ""
    if !merge.missing.isEmpty {
      let claims = merge.missing.joined(separator: ", ")
      write("not evaluated, since their shards are missing: \(claims)", to: .standardError)
    }
    write("\(output): \(merge.records.count) records of \(folders.count) folders\(shards)")
  }

  /// What was joined, as JSON.
  struct Summary: Encodable {
    let folder: String
    let folders: Int
    let shards: Int?
    let claims: [String]
    let missing: [String]
  }
}
