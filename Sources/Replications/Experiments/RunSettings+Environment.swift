// The settings of a run that is started by `swift test`, which takes no options of ours.

import Foundation

extension RunSettings {
  /// Creates settings from environment variables, with a folder of evidence for when none is named.
  ///
  /// | variable | meaning | default |
  /// |---|---|---|
  /// | `REPLICATIONS_EVIDENCE` | the folder of records and figures | `evidence` |
  /// | `REPLICATIONS_SEED` | the seed from which all randomness derives | 0 |
  /// | `REPLICATIONS_TIER` | the greatest tier that is evaluated | standard |
  public init(environment: [String: String], evidence: URL) throws(SettingsError) {
    func value<Value>(_ name: String, default: Value, expected: String, _ parse: (String) -> Value?)
      throws(SettingsError) -> Value
    {
      guard let text = environment[name], !text.isEmpty else { return `default` }
      guard let value = parse(text) else { throw SettingsError(variable: name, expected: expected, found: text) }
      return value
    }
    self.init(
      tier: try value(
        "REPLICATIONS_TIER", default: .standard, expected: "quick, standard or long", Tier.init(rawValue:)),
      rootSeed: try value("REPLICATIONS_SEED", default: 0, expected: "a whole number, 0 or above") { UInt64($0) },
      evidence: try value("REPLICATIONS_EVIDENCE", default: evidence, expected: "a folder") { URL(filePath: $0) })
  }
}

/// An environment variable that does not say what was expected.
public struct SettingsError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The variable.
  public let variable: String

  /// What it may say.
  public let expected: String

  /// What it says.
  public let found: String

  /// The sentence that a person reads.
  public var description: String {
    "\(variable) must be \(expected), found \"\(found)\""
  }
}
