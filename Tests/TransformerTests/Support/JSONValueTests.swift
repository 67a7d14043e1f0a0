// The JSON reader: what it keeps, what it refuses, and where it says the fault is.

import Testing

@testable import Transformer

@Suite("JSON values")
struct JSONValueTests {
  @Test func `integers stay apart from doubles`() throws {
    let value = try JSONValue(
      "[0, -7, 9223372036854775807, -9223372036854775808, 9223372036854775808, 1.0, 1e3, -2.5E-1]")
    #expect(
      value.array == [
        .integer(0), .integer(-7), .integer(.max), .integer(.min), .number(9_223_372_036_854_775_808), .number(1),
        .number(1000), .number(-0.25),
      ])
    #expect(value.array?[5].integer == nil)
    #expect(value.array?[1].double == -7)
  }

  @Test func `the huge integer of a tokenizer's configuration is a double`() throws {
    #expect(try JSONValue("1000000000000000019884624838656").double == 1e30)
  }

  @Test func `objects keep their order and are found by name`() throws {
    let names = (0..<100).map { "name \($0 * 37 % 100)" }
    let text = "{" + names.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ") + "}"
    let object = try #require(try JSONValue(text).object)
    #expect(object.keys == names)
    for (place, name) in names.enumerated() { #expect(object[name] == .integer(place)) }
    #expect(object["absent"] == nil)
    #expect(
      try JSONValue(#"{"a": {"b": [true, false, null]}}"#)["a"]?["b"] == .array([.bool(true), .bool(false), .null]))
  }

  @Test(arguments: [0, 3, 8, 9, 20]) func `a name that stands twice is refused`(others: Int) throws {
    let text = "{" + (["x"] + (0..<others).map(String.init) + ["x"]).map { "\"\($0)\": 1" }.joined(separator: ",") + "}"
    let error = #expect(throws: JSONError.self) { try JSONValue(text) }
    #expect(error?.reason == "the name \"x\" stands twice in one object")
    #expect(error?.offset == text.utf8.count - 7)
  }

  @Test func `names that look alike but differ in bytes are different names`() throws {
    for padding in [0, 20] {
      let others = (0..<padding).map { ", \"\($0)\": 0" }.joined()
      let object = try #require(try JSONValue("{\"\u{e9}\": 1, \"e\u{301}\": 2\(others)}").object)
      #expect(object["\u{e9}"] == .integer(1))
      #expect(object["e\u{301}"] == .integer(2))
    }
    #expect(JSONValue.string("\u{e9}") != .string("e\u{301}"))
  }

  @Test func `escapes become the characters they stand for`() throws {
    #expect(
      try JSONValue(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00 \u0000""#)
        == .string("\"\\/\u{8}\u{c}\n\r\tAé€😀 \0"))
    #expect(try JSONValue("\"日本語 👋\"").string == "日本語 👋")
  }

  @Test(arguments: [
    ("", 0, "the text is empty"), ("  ", 2, "the text is empty"), ("[1,]", 3, "a value should stand here"),
    ("[1 2]", 3, "a comma or the end of the list should stand here"),
    ("[", 1, "the text ends where a value should stand"),
    (#"{"a" 1}"#, 5, "a colon should stand here"), (#"{"a": 1,}"#, 8, "a name should stand here"),
    (#"{a: 1}"#, 1, "a name should stand here"), (#"{"a": 1"#, 7, "a comma or the end of the object should stand here"),
    ("01", 0, "a number begins with 0"), ("-", 1, "a digit should stand here"), ("1.", 2, "a digit should stand here"),
    ("1e", 2, "a digit should stand here"), ("+1", 0, "a value should stand here"),
    ("NaN", 0, "a value should stand here"),
    ("-Infinity", 1, "a digit should stand here"), ("1e999", 0, "the number is too large for a double"),
    ("nul", 0, "a value should stand here"), ("1 2", 2, "something follows the end of the value"),
    ("\"a", 0, "a text has no end"), ("\"a\nb\"", 2, "a control character stands in a text"),
    (#""\x""#, 1, "an unknown escape"), (#""\u12g4""#, 1, "four hexadecimal digits should follow \\u"),
    (#""\u12"#, 1, "the text ends within an escape"), (#""\ud800""#, 1, "a surrogate stands alone"),
    (#""\udc00""#, 1, "a surrogate stands alone"), (#""\ud800\u0041""#, 1, "a surrogate stands alone"),
    (#""\ud800x""#, 1, "a surrogate stands alone"), ("\u{feff}1", 0, "a value should stand here"),
  ]) func `what is not JSON is refused with its place`(text: String, offset: Int, reason: String) throws {
    let error = #expect(throws: JSONError.self) { try JSONValue(text, name: "x.json") }
    #expect(error == JSONError(file: "x.json", offset: offset, reason: reason))
  }

  @Test func `bytes that are not UTF-8 are refused`() throws {
    for bytes: [UInt8] in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82]] {
      let error = #expect(throws: JSONError.self) { try JSONValue(bytes: [0x22] + bytes + [0x22]) }
      #expect(error?.reason == "the text that begins here is not UTF-8")
      #expect(throws: JSONError.self) { try JSONValue(bytes: [0x22, 0x5c, 0x6e] + bytes + [0x22]) }
    }
  }

  @Test func `nesting has a limit`() throws {
    #expect(throws: Never.self) {
      try JSONValue(String(repeating: "[", count: 128) + String(repeating: "]", count: 128))
    }
    let error = #expect(throws: JSONError.self) { try JSONValue(String(repeating: "[", count: 1_000_000)) }
    #expect(error?.reason == "values nest deeper than 128")
  }

  @Test func `a vocabulary of three megabytes is read in well under a second`() throws {
    let text = "{" + (0..<150_000).map { "\"token \\u0120\($0)\": \($0)" }.joined(separator: ",\n") + "}"
    #expect(text.utf8.count > 3_000_000)
    let clock = ContinuousClock()
    var value = JSONValue.null
    let duration = try clock.measure { value = try JSONValue(text) }
    #expect(value["token Ġ149999"] == .integer(149_999))
    #expect(duration < .seconds(3), "generous, for a busy machine")
  }
}
