// What an experiment was run with, in a form that JSON keeps.

/// A setting of an experiment: a number, a text, a switch or a list of them.
public enum ConfigurationValue: Sendable, Hashable {
  /// A whole number.
  case int(Int)
  /// A number.
  case double(Double)
  /// A text.
  case string(String)
  /// A switch.
  case bool(Bool)
  /// A list of values of any kind.
  case array([ConfigurationValue])

  /// Wraps numbers into a list.
  public static func numbers(_ values: [Double]) -> ConfigurationValue {
    .array(values.map(ConfigurationValue.double))
  }
}

extension ConfigurationValue: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral, ExpressibleByStringLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral
{
  /// Creates a whole number.
  public init(integerLiteral value: Int) { self = .int(value) }

  /// Creates a number.
  public init(floatLiteral value: Double) { self = .double(value) }

  /// Creates a text.
  public init(stringLiteral value: String) { self = .string(value) }

  /// Creates a switch.
  public init(booleanLiteral value: Bool) { self = .bool(value) }

  /// Creates a list.
  public init(arrayLiteral elements: ConfigurationValue...) { self = .array(elements) }
}

extension ConfigurationValue: Codable {
  /// Reads whichever kind of value the decoder holds; a number without a fraction is whole.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else {
      self = .array(try container.decode([ConfigurationValue].self))
    }
  }

  /// Writes the bare value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .int(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .bool(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    }
  }
}
