// The `config.json` of a model: reading it key by key, so that each fault names the file, the key and what was expected.
//
// Hugging Face has written the same things under several names over the years; a reader may therefore name several
// keys, and the first that is there and not null counts.

/// The keys of a configuration file.
struct ConfigurationFile {
  /// The file, for errors.
  let path: String
  private let object: JSONObject

  /// The largest size that is believed: beyond it products of sizes could overflow.
  static let sizeLimit = 1 << 28

  init(path: String) throws(CheckpointError) {
    try self.init(path: path, JSONValue(contentsOf: path))
  }

  init(path: String, _ value: JSONValue) throws(CheckpointError) {
    guard let object = value.object else {
      throw CheckpointError(file: path, reason: "holds \(value.kind); an object was expected")
    }
    self.path = path
    self.object = object
  }

  /// The value of the first key that is there and not null.
  func value(_ keys: [String]) -> (key: String, value: JSONValue)? {
    for key in keys {
      if let value = object[key], !value.isNull { return (key, value) }
    }
    return nil
  }

  /// Whether a key is there and not null.
  func has(_ key: String) -> Bool { value([key]) != nil }

  /// Whether a key is there, even as null.
  func mentions(_ key: String) -> Bool { object[key] != nil }

  /// An object within this one, with its own keys; nil when it is absent or null.
  func part(_ key: String) throws(CheckpointError) -> ConfigurationFile? {
    guard let (key, value) = value([key]) else { return nil }
    guard value.object != nil else { throw expected("an object", at: key, value) }
    return try ConfigurationFile(path: path, value)
  }

  // MARK: - Values

  /// A number of things, which may be 0.
  func count(_ key: String, upTo limit: Int = sizeLimit) throws(CheckpointError) -> Int {
    guard let (key, value) = value([key]) else { return try missing([key]) }
    guard let count = value.integer, 0...limit ~= count else {
      throw expected("an integer up to \(limit)", at: key, value)
    }
    return count
  }

  /// A size: a positive integer.
  func size(_ keys: String..., default fallback: Int? = nil) throws(CheckpointError) -> Int {
    guard let (key, value) = value(keys) else { return try otherwise(fallback, keys) }
    guard let size = value.integer, 1...Self.sizeLimit ~= size else {
      throw expected("a positive integer", at: key, value)
    }
    return size
  }

  /// A finite number.
  func number(_ keys: String..., default fallback: Float? = nil) throws(CheckpointError) -> Float {
    guard let (key, value) = value(keys) else { return try otherwise(fallback, keys) }
    guard let number = value.double.map({ Float($0) }), number.isFinite else {
      throw expected("a number", at: key, value)
    }
    return number
  }

  /// A number that must be positive if it is there.
  func positiveNumber(_ keys: String...) throws(CheckpointError) -> Float? {
    guard let (key, value) = value(keys) else { return nil }
    guard let number = value.double.map({ Float($0) }), number.isFinite, number > 0 else {
      throw expected("a positive number", at: key, value)
    }
    return number
  }

  /// A positive number that must be there.
  func positive(_ key: String) throws(CheckpointError) -> Float {
    guard let number = try positiveNumber(key) else { return try missing([key]) }
    return number
  }

  /// A truth value.
  func truth(_ key: String, default fallback: Bool) throws(CheckpointError) -> Bool {
    guard let (key, value) = value([key]) else { return fallback }
    guard let truth = value.bool else { throw expected("true or false", at: key, value) }
    return truth
  }

  /// A text; nil when it is absent.
  func text(_ keys: String...) throws(CheckpointError) -> String? {
    guard let (key, value) = value(keys) else { return nil }
    guard let text = value.string else { throw expected("a text", at: key, value) }
    return text
  }

  /// A list of texts; nil when it is absent.
  func texts(_ key: String) throws(CheckpointError) -> [String]? {
    guard let (key, value) = value([key]) else { return nil }
    guard let texts = value.array?.map(\.string), !texts.contains(nil) else {
      throw expected("a list of texts", at: key, value)
    }
    return texts.compactMap(\.self)
  }

  /// One of several choices by its name; the choice for nil is taken when no key is there.
  func choice<Choice>(
    _ keys: String..., from choices: KeyValuePairs<String, Choice>, default fallback: Choice? = nil
  ) throws(CheckpointError) -> Choice {
    guard let (key, value) = value(keys) else { return try otherwise(fallback, keys) }
    guard let name = value.string, let choice = choices.first(where: { $0.key == name }) else {
      throw expected("one of \(choices.map(\.key).joined(separator: ", "))", at: key, value)
    }
    return choice.value
  }

  /// Refuses a key that asks for what is not supported; absent and null count as the value that is.
  func require(_ key: String, _ only: Bool) throws(CheckpointError) {
    guard try truth(key, default: only) == only else { throw unsupported(key) }
  }

  // MARK: - Errors

  /// An error about a key.
  func fail(_ key: String, _ reason: String) -> CheckpointError {
    CheckpointError(file: path, reason: "the key '\(key)' \(reason)")
  }

  /// An error about a key whose value is understood, but not supported.
  func unsupported(_ key: String, _ alternative: String? = nil) -> CheckpointError {
    let value = object[key].map(ConfigurationFile.shown) ?? "absent"
    return fail(key, "is \(value), which is not supported\(alternative.map { "; \($0)" } ?? "")")
  }

  private func expected(_ what: String, at key: String, _ value: JSONValue) -> CheckpointError {
    fail(key, "is \(ConfigurationFile.shown(value)); \(what) was expected")
  }

  /// The value that stands for a key that is not there, or an error where there is none.
  private func otherwise<Value>(_ fallback: Value?, _ keys: [String]) throws(CheckpointError) -> Value {
    guard let fallback else { return try missing(keys) }
    return fallback
  }

  private func missing<Value>(_ keys: [String]) throws(CheckpointError) -> Value {
    let others = keys.dropFirst().map { " or '\($0)'" }.joined()
    throw CheckpointError(file: path, reason: "the key '\(keys.first ?? "")'\(others) is missing")
  }

  /// A value as a sentence shows it.
  private static func shown(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let truth): "\(truth)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .string(let text): "'\(text.prefix(80))'"
    case .array, .object: value.kind
    }
  }
}
