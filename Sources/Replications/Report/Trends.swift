// What earlier runs said of each claim, from a history: a file to which every run adds a line of JSON.
//
//   {"schemaVersion":1,"date":"2026-11-22T18:01:21Z","commit":"6414a58",…
//    "claims":[{"id":"demo.order","version":2,"outcome":"reproduced","mean":0.9,…},…]}

import Foundation

/// The recorded runs of claims.
public struct Trends: Sendable, Hashable {
  /// One claim in one run.
  struct Run: Sendable, Hashable {
    /// When it was measured, in ISO 8601 and UTC.
    let date: String
    /// The commit of the package.
    let commit: String
    /// The claim's id.
    let claim: String
    /// The claim's version then.
    let version: Int
    /// The mean over seeds; nil where nothing finite was measured.
    let mean: Double?
    /// What was decided.
    let verdict: Verdict.Outcome
  }

  private let ofClaim: [String: [Run]]

  /// Creates trends of runs in any order.
  init(runs: [Run]) {
    // The order of equal dates is kept: sorting is not promised to be stable.
    let sorted = runs.enumerated().sorted { ($0.element.date, $0.offset) < ($1.element.date, $1.offset) }
    ofClaim = Dictionary(grouping: sorted.map(\.element), by: \.claim)
  }

  /// Reads a file of lines, of which those that are empty do not count.
  public init(contentsOf url: URL) throws(FileProblem) {
    let name = url.lastPathComponent
    guard let text = try? String(contentsOf: url, encoding: .utf8) else {
      throw FileProblem(file: url.path, message: "is not a file of UTF-8 text that can be read")
    }
    var runs: [Run] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      guard !line.allSatisfy(\.isWhitespace) else { continue }
      do {
        runs += try Self.runs(Data(line.utf8))
      } catch let problem as Malformed {
        throw FileProblem(file: name, line: index + 1, path: problem.key, message: problem.message)
      } catch {
        throw FileProblem(file: name, line: index + 1, message: Self.sentence(error))
      }
    }
    self.init(runs: runs)
  }

  /// The runs of a claim, from the oldest to the newest; those of one time in the order of the file.
  func runs(of claim: String) -> [Run] { ofClaim[claim] ?? [] }

  /// The fields of a line that a trend needs.
  private struct Line: Decodable {
    let schemaVersion: Int
    let date: String
    let commit: String
    let claims: [State]

    struct State: Decodable {
      let id: String
      let version: Int
      let outcome: Verdict.Outcome
      let mean: Double?
    }
  }

  /// A field that holds something, but not what it should.
  private struct Malformed: Error {
    let key: String
    let message: String
  }

  private static func runs(_ data: Data) throws -> [Run] {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let line = try decoder.decode(Line.self, from: data)
    guard line.schemaVersion == 1 else {
      throw Malformed(key: "schemaVersion", message: "must be 1 to be read here, found \(line.schemaVersion)")
    }
    guard line.date.wholeMatch(of: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/) != nil else {
      throw Malformed(key: "date", message: "must be a time such as 2026-11-22T18:01:21Z, found \(line.date)")
    }
    return line.claims.map { state in
      Run(
        date: line.date, commit: line.commit, claim: state.id, version: state.version, mean: state.mean,
        verdict: state.outcome)
    }
  }

  private static func sentence(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "the key \"\(key.stringValue)\" is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "the key \"\(context.codingPath.last?.stringValue ?? "")\" does not hold what it should"
    case DecodingError.dataCorrupted(let context) where context.codingPath.last?.stringValue == "outcome":
      "the key \"outcome\" must be one of \(Verdict.Outcome.allCases.map(\.rawValue).joined(separator: ", "))"
    default: "is not an object of JSON"
    }
  }
}
