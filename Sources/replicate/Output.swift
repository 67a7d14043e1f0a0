// Writing to the terminal: text, JSON, and colour only where a person looks.

import Foundation
import Replications

/// Writes a line.
func write(_ text: String, to handle: FileHandle = .standardOutput) {
  // A reader that went away is no error of ours.
  try? handle.write(contentsOf: Data((text.hasSuffix("\n") ? text : text + "\n").utf8))
}

/// Writes a value as JSON with sorted keys.
func writeJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  write(String(decoding: try encoder.encode(value), as: UTF8.self))
}

/// Colours text where the output is a terminal and the variable `NO_COLOR` is not set.
struct Style {
  let isColoured: Bool

  /// The style of the standard output.
  static var standardOutput: Style {
    let isMuted = !(ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    return Style(isColoured: !isMuted && isatty(STDOUT_FILENO) == 1)
  }

  /// A verdict's words in its colour.
  func verdict(_ row: Board.Row, padded text: String) -> String {
    guard isColoured else { return text }
    let code =
      switch row.outcome {
      case .reproduced: 32
      case .notReproduced, .inconclusive: row.isExpected ? 36 : 33
      case .error: 31
      case .notEvaluated: 90
      }
    return "\u{1b}[\(code)m\(text)\u{1b}[0m"
  }
}
