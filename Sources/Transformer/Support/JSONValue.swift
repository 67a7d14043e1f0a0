// JSON (RFC 8259) as configurations, tokenizers and checkpoint headers hold it.
//
// Foundation's reader keeps no order, accepts what a checkpoint must not hold twice, and mixes integers with floats. Here
// objects keep their order, a repeated key is an error, and names are compared by bytes.

/// A value of a JSON text.
public enum JSONValue: Sendable {
  /// The literal `null`.
  case null
  /// The literals `true` and `false`.
  case bool(Bool)
  /// A number without fraction and exponent that an `Int` holds exactly.
  case integer(Int)
  /// Any other number, rounded to the nearest double.
  case number(Double)
  /// A text.
  case string(String)
  /// A list of values.
  case array([JSONValue])
  /// Values by name.
  case object(JSONObject)

  /// Whether this is the literal `null`.
  public var isNull: Bool { if case .null = self { true } else { false } }

  /// The truth value, or nil when this is something else.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

  /// The integer, or nil when this is something else; 1.0 is something else.
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  /// The number as a double, or nil when this is no number.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The text, or nil when this is something else.
  public var string: String? { if case .string(let value) = self { value } else { nil } }

  /// The elements, or nil when this is something else.
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }

  /// The members, or nil when this is something else.
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The member of an object by its name, or nil when there is none.
  public subscript(_ key: String) -> JSONValue? { object?[key] }

  /// What kind of value this is, with its article, for sentences in errors.
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a truth value"
    case .integer: "an integer"
    case .number: "a number"
    case .string: "a text"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSONValue: Equatable {
  /// Whether two values are of the same kind and equal; texts are compared by bytes, objects with their order.
  public static func == (left: JSONValue, right: JSONValue) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.number(let left), .number(let right)): left == right
    case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
    case (.array(let left), .array(let right)): left == right
    case (.object(let left), .object(let right)): left == right
    default: false
    }
  }
}

/// The members of a JSON object: in their order, and by name.
public struct JSONObject: Sendable, Equatable {
  /// A name and its value.
  public struct Member: Sendable {
    /// The name.
    public let key: String
    /// The value.
    public let value: JSONValue
  }

  /// The members as the text has them.
  public private(set) var members: [Member] = []

  /// The place of each name; built only where a search along the members would be slow.
  private var places: [ExactString: Int] = [:]

  /// The most members that are searched one by one.
  private static let fewMembers = 8

  /// The number of members.
  public var count: Int { members.count }

  /// The names as the text has them.
  public var keys: [String] { members.map(\.key) }

  /// The value of a name, or nil when there is none.
  public subscript(_ key: String) -> JSONValue? { place(of: key).map { members[$0].value } }

  /// Appends a member; returns false, and appends nothing, when the name is taken.
  mutating func append(_ key: String, _ value: JSONValue) -> Bool {
    if members.count == Self.fewMembers {
      for (place, member) in members.enumerated() { places[ExactString(member.key)] = place }
    }
    if members.count < Self.fewMembers {
      guard place(of: key) == nil else { return false }
    } else {
      let (exact, place) = (ExactString(key), members.count)
      guard places.updateValue(place, forKey: exact) == nil else { return false }
    }
    members.append(Member(key: key, value: value))
    return true
  }

  private func place(of key: String) -> Int? {
    if members.count > Self.fewMembers { return places[ExactString(key)] }
    return members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
  }

  /// Whether two objects have equal members in the same order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.members.elementsEqual(right.members) {
      $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value
    }
  }
}
