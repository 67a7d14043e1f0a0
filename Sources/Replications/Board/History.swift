// What was found when: one line of JSON a run, in a file that only grows. A line is never changed, so that a claim's way
// from commit to commit can be trusted and drawn.

import Foundation

/// One run in the history.
public struct HistoryEntry: Sendable, Hashable, Codable {
  /// The version of the line's fields.
  static let currentSchemaVersion = 1

  /// The version of the line's fields.
  public let schemaVersion: Int

  /// The date of the last of its records, in ISO 8601 and UTC.
  public let date: String

  /// The commit of the package.
  public let commit: String

  /// The root seed.
  public let rootSeed: UInt64

  /// The tier.
  public let tier: Tier

  /// The processor.
  public let cpu: String

  /// The version of OpenBLAS and its kernel.
  public let blas: String

  /// The claims, by id.
  public let claims: [State]

  /// What the run found of one claim.
  public struct State: Sendable, Hashable, Codable {
    /// The claim's id.
    public let id: String
    /// The claim's version.
    public let version: Int
    /// What was decided.
    public let outcome: Verdict.Outcome
    /// Whether that was expected.
    public let isExpected: Bool
    /// The number of seeds.
    public let seeds: Int
    /// The mean over seeds; absent where one is not finite.
    public let mean: Double?
    /// The lower end of the interval; absent where there is none.
    public let lower: Double?
    /// The upper end of the interval; absent where there is none.
    public let upper: Double?
    /// How long its seeds took together.
    public let seconds: Double
  }

  /// Sums up the records of one run; nil for none.
  ///
  /// - Throws: ``HistoryError`` where they are of several runs.
  public init?(_ records: [Record]) throws(HistoryError) {
    guard let first = records.first else { return nil }
    func the<Value: Hashable>(_ name: String, _ value: (Record) -> Value) throws(HistoryError) -> Value {
      if let other = records.first(where: { value($0) != value(first) }) {
        throw HistoryError(
          description: "the records are not of one run: the \(name) is \(value(first)) for \(first.claim.id) and "
            + "\(value(other)) for \(other.claim.id)")
      }
      return value(first)
    }
    schemaVersion = Self.currentSchemaVersion
    date = records.map(\.environment.date).max() ?? ""
    commit = try the("commit") { $0.environment.commit }
    rootSeed = try the("root seed") { $0.experiment.rootSeed }
    tier = try the("tier") { $0.experiment.tier }
    blas = try the("OpenBLAS") { "\($0.environment.blas.version) \($0.environment.blas.kernel)" }
    cpu = first.environment.cpu
    claims = records.map(State.init).sorted { $0.id < $1.id }
  }
}

/// Why a history cannot be read or go on.
public struct HistoryError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence that a person reads.
  public let description: String

  /// Creates an error with the sentence that a person reads.
  public init(description: String) { self.description = description }
}

/// A file of history, `history.jsonl`.
public struct History: Sendable, Hashable {
  /// The runs, in the order in which they were written down.
  public private(set) var entries: [HistoryEntry]

  private var bytes: Data

  /// Reads a file; one that does not exist is a history without runs.
  public init(contentsOf url: URL) throws(HistoryError) {
    guard FileManager.default.fileExists(atPath: url.path) else {
      (entries, bytes) = ([], Data())
      return
    }
    guard let data = try? Data(contentsOf: url) else { throw HistoryError(description: "\(url.path) cannot be read") }
    guard data.isEmpty || data.last == UInt8(ascii: "\n") else {
      throw HistoryError(description: "\(url.path) does not end with a line's end: its last line may be cut short")
    }
    var entries: [HistoryEntry] = []
    for (index, line) in data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
      .enumerated()
    {
      guard let entry = try? RecordCoding.decode(HistoryEntry.self, from: Data(line)),
        entry.schemaVersion == HistoryEntry.currentSchemaVersion
      else { throw HistoryError(description: "\(url.path):\(index + 1) is not a run in a form that is read here") }
      entries.append(entry)
    }
    self.entries = entries
    bytes = data
  }

  /// Adds a run, unless just this run is there already; says whether it was added.
  public mutating func append(_ entry: HistoryEntry) throws -> Bool {
    guard !entries.contains(entry) else { return false }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    bytes += try encoder.encode(entry) + Data("\n".utf8)
    entries.append(entry)
    return true
  }

  /// Writes the file: the bytes that were read, followed by what was added.
  public func write(to url: URL) throws(EvidenceError) {
    try AtomicFile.write(bytes, to: url)
  }
}

extension HistoryEntry.State {
  fileprivate init(_ record: Record) {
    let summary = record.measurement.summary
    self.init(
      id: record.claim.id, version: record.claim.version, outcome: record.verdict.outcome,
      isExpected: record.verdict.isExpected, seeds: record.measurement.values.count, mean: summary?.mean,
      lower: summary?.interval?.lower, upper: summary?.interval?.upper, seconds: record.environment.seconds)
  }
}
