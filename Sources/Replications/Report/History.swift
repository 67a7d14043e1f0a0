// What earlier runs said: one line of JSON a claim and run, appended and never changed.
//
//   {"claim":"demo.order","commit":"6414a58","date":"2026-11-22T18:01:21Z","mean":0.9,"verdict":"reproduced","version":2}

import Foundation

/// The recorded runs of claims.
public struct History: Sendable, Hashable {
  /// One claim in one run.
  public struct Run: Sendable, Hashable, Codable {
    /// When it was measured, in ISO 8601 and UTC.
    public let date: String
    /// The commit of the package.
    public let commit: String
    /// The claim's id.
    public let claim: String
    /// The claim's version then.
    public let version: Int
    /// The mean over seeds; absent where nothing finite was measured.
    public let mean: Double?
    /// What was decided.
    public let verdict: Verdict.Outcome
  }

  /// The runs from the oldest to the newest; those of one time in the order of the file.
  public let runs: [Run]

  private let ofClaim: [String: [Run]]

  /// Creates a history of runs in any order.
  public init(runs: [Run]) {
    // The order of equal dates is kept: sorting is not promised to be stable.
    let sorted = runs.enumerated().sorted { ($0.element.date, $0.offset) < ($1.element.date, $1.offset) }
    self.runs = sorted.map(\.element)
    ofClaim = Dictionary(grouping: self.runs, by: \.claim)
  }

  /// Reads a file of lines; empty lines do not count.
  public init(contentsOf url: URL) throws(FileProblem) {
    let name = url.lastPathComponent
    let text: String
    do {
      text = try String(contentsOf: url, encoding: .utf8)
    } catch {
      throw FileProblem(file: url.path, message: "is not a file of UTF-8 text that can be read")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    var runs: [Run] = []
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      guard !line.allSatisfy(\.isWhitespace) else { continue }
      do {
        let run = try decoder.decode(Run.self, from: Data(line.utf8))
        guard run.date.wholeMatch(of: /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z/) != nil else {
          let message = "must be a time such as 2026-11-22T18:01:21Z, found \(run.date)"
          throw FileProblem(file: name, line: index + 1, path: "date", message: message)
        }
        runs.append(run)
      } catch let problem as FileProblem {
        throw problem
      } catch {
        throw FileProblem(file: name, line: index + 1, message: Self.sentence(error))
      }
    }
    self.init(runs: runs)
  }

  /// The runs of a claim, from the oldest to the newest.
  public func runs(of claim: String) -> [Run] { ofClaim[claim] ?? [] }

  private static func sentence(_ error: any Error) -> String {
    switch error {
    case DecodingError.keyNotFound(let key, _): "the key \"\(key.stringValue)\" is missing"
    case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context):
      "the key \"\(context.codingPath.last?.stringValue ?? "")\" does not hold what it should"
    case DecodingError.dataCorrupted(let context) where context.codingPath.last?.stringValue == "verdict":
      "the key \"verdict\" must be one of \(Verdict.Outcome.allCases.map(\.rawValue).joined(separator: ", "))"
    default: "is not an object of JSON"
    }
  }
}
