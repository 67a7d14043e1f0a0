// What is kept of one claim's evaluation: everything a reader needs to doubt it. The fields are documented for other
// programs in `papers/record.schema.json`; a change to them is a change of `schemaVersion`.

import Foundation

/// The evaluation of one claim, as it is written to `evidence/<Finding>/<claim>.json`.
public struct Record: Sendable, Hashable, Codable {
  /// The version of the schema that this package writes.
  public static let currentSchemaVersion = 1

  /// The version of the schema.
  public let schemaVersion: Int

  /// The claim as it was when it was judged.
  public let claim: Claim

  /// What was decided.
  public let verdict: Decision

  /// What measured it.
  public let experiment: MeasuringExperiment

  /// What was measured.
  public let measurement: Measured

  /// The SHA-256 of each asset that the claim needs, by id.
  public let assets: [String: String]

  /// The names of the figures beside the record, without extensions.
  public let figures: [String]

  /// Where and when: all that two runs with the same seed may differ in.
  public let environment: RunEnvironment

  /// A verdict with its explanation.
  public struct Decision: Sendable, Hashable, Codable {
    /// What was decided.
    public let outcome: Verdict.Outcome

    /// Why, in one sentence.
    public let reason: String

    /// Whether this is what the claim's expectation says.
    public let isExpected: Bool
  }

  /// The experiment and how it was run.
  public struct MeasuringExperiment: Sendable, Hashable, Codable {
    /// Its name within its finding.
    public let name: String

    /// Sizes, learning rates, steps.
    public let configuration: [String: ConfigurationValue]

    /// The tier of the run.
    public let tier: Tier

    /// The seed from which all randomness derives.
    public let rootSeed: UInt64

    /// The numbers of the seeds, which together with the root seed determine every draw.
    public let seeds: [Int]
  }

  /// The numbers, one of each list for a seed.
  public struct Measured: Sendable, Hashable, Codable {
    /// The claim's metric.
    public let values: [Double]

    /// The metric under the control; null where it was not measured.
    public let controls: [Double?]

    /// Further numbers, by name.
    public let details: [[String: Double]]

    /// The values, summed up; absent where one of them is not finite.
    public let summary: Summary?

    /// The control's values, summed up; absent where they are not complete.
    public let controlSummary: Summary?
  }
}

extension Record {
  /// The record's bytes: JSON with sorted keys, so that equal records are equal files.
  public func encoded() throws -> Data { try RecordCoding.encode(self) }

  /// Reads a record's bytes.
  public init(decoding data: Data) throws { self = try RecordCoding.decode(Record.self, from: data) }
}

/// How records and what is made of them are written as JSON.
enum RecordCoding {
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(value) + Data("\n".utf8)
  }

  static func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(type, from: data)
  }
}
