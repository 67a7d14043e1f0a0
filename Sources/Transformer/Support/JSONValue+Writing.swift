// Writes JSON: members in their order, one to a line, so that a person can read the file and a diff is small.

extension JSONObject {
  /// The object as a text of its own, one member to a line.
  var text: String {
    guard !members.isEmpty else { return "{}\n" }
    let lines = members.map { "  \(JSONValue.quoted($0.key)): \($0.value.text)" }
    return "{\n\(lines.joined(separator: ",\n"))\n}\n"
  }
}

extension JSONValue {
  /// The value on one line; numbers are written so that they are read back to the bit.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): "\(value)"
    case .string(let value): JSONValue.quoted(value)
    case .array(let elements): "[\(elements.map(\.text).joined(separator: ", "))]"
    case .object(let object):
      "{\(object.members.map { "\(JSONValue.quoted($0.key)): \($0.value.text)" }.joined(separator: ", "))}"
    }
  }

  /// A text between quotes, with escapes where JSON asks for them.
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\u{0}"..."\u{1f}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
