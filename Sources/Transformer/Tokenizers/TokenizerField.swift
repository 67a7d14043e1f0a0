// A value of a tokenizer's JSON file that knows where it stands, so that errors can say it.

import Foundation

/// A value of a JSON file together with its place.
struct TokenizerField {
  let file: String
  /// The path of keys, such as `model.merges[12]`; empty for the whole file.
  let key: String
  let value: JSONValue

  /// Reads a JSON file.
  init(contentsOf url: URL) throws(TokenizerError) {
    file = url.path
    key = ""
    value = try Self.value(of: Self.bytes(of: url), name: url.path)
  }

  private init(file: String, key: String, value: JSONValue) {
    self.file = file
    self.key = key
    self.value = value
  }

  private static func value(of bytes: [UInt8], name: String) throws(TokenizerError) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(bytes: bytes, name: name)
    } catch {
      throw TokenizerError(error.file, "byte \(error.offset)", error.reason)
    }
  }

  /// The bytes of a file.
  static func bytes(of url: URL) throws(TokenizerError) -> [UInt8] {
    guard let data = FileManager.default.contents(atPath: url.path) else {
      throw TokenizerError(url.path, "", "expected a file that can be read")
    }
    return [UInt8](data)
  }

  func fail(_ reason: String) -> TokenizerError { TokenizerError(file, key, reason) }

  private func expected(_ what: String) -> TokenizerError { fail("expected \(what), found \(value.kind)") }

  /// The member of an object; nil when it is absent or null.
  func optional(_ name: String) throws(TokenizerError) -> TokenizerField? {
    guard let object = value.object else { throw expected("an object") }
    guard let member = object[name], !member.isNull else { return nil }
    return TokenizerField(file: file, key: key.isEmpty ? name : "\(key).\(name)", value: member)
  }

  /// The member of an object.
  func member(_ name: String) throws(TokenizerError) -> TokenizerField {
    guard let member = try optional(name) else { throw fail("expected a member \"\(name)\"") }
    return member
  }

  /// The members of an object in their order; their fields are made one by one, since vocabularies are large.
  func members() throws(TokenizerError) -> [JSONObject.Member] {
    guard let object = value.object else { throw expected("an object") }
    return object.members
  }

  /// The field of a member.
  func field(_ member: JSONObject.Member) -> TokenizerField {
    TokenizerField(file: file, key: "\(key).\(member.key)", value: member.value)
  }

  /// The elements of a list.
  func elements() throws(TokenizerError) -> [TokenizerField] {
    try list().indices.map(element)
  }

  /// The values of a list.
  func list() throws(TokenizerError) -> [JSONValue] {
    guard let array = value.array else { throw expected("a list") }
    return array
  }

  /// The field of an element of a list.
  func element(_ index: Int) -> TokenizerField {
    TokenizerField(file: file, key: "\(key)[\(index)]", value: value.array?[index] ?? .null)
  }

  func string() throws(TokenizerError) -> String {
    guard let string = value.string else { throw expected("a text") }
    return string
  }

  func bytes() throws(TokenizerError) -> [UInt8] { Array(try string().utf8) }

  func integer() throws(TokenizerError) -> Int {
    guard let integer = value.integer else { throw expected("an integer") }
    return integer
  }

  /// The truth value of a member, or the default when it is absent or null.
  func flag(_ name: String, default preset: Bool) throws(TokenizerError) -> Bool {
    guard let field = try optional(name) else { return preset }
    guard let flag = field.value.bool else { throw field.expected("a truth value") }
    return flag
  }
}
