// Reads JSON (RFC 8259) from bytes: strict, in one pass, and with a limit on how deep values nest.

/// The state of one reading.
struct JSONParser {
  struct Failure: Error {
    let offset: Int
    let reason: String
  }

  /// How deep lists and objects may nest: far beyond any real file, far within any thread's stack.
  static let depthLimit = 128

  /// The longest number that is read, in bytes.
  static let numberLimit = 512

  let bytes: UnsafeBufferPointer<UInt8>
  var place = 0
  var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  mutating func document() throws(Failure) -> JSONValue {
    skipSpace()
    guard place < bytes.count else { throw fail("the text is empty") }
    let value = try value()
    skipSpace()
    guard place == bytes.count else { throw fail("something follows the end of the value") }
    return value
  }

  // MARK: - Values

  private mutating func value() throws(Failure) -> JSONValue {
    guard place < bytes.count else { throw fail("the text ends where a value should stand") }
    switch bytes[place] {
    case UInt8(ascii: "{"): return .object(try object())
    case UInt8(ascii: "["): return .array(try array())
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw fail("a value should stand here")
    }
  }

  private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
    let length = text.utf8CodeUnitCount
    guard bytes.count - place >= length, (0..<length).allSatisfy({ bytes[place + $0] == text.utf8Start[$0] }) else {
      throw fail("a value should stand here")
    }
    place += length
    return value
  }

  private mutating func descend() throws(Failure) {
    depth += 1
    guard depth <= Self.depthLimit else { throw fail("values nest deeper than \(Self.depthLimit)") }
    place += 1
    skipSpace()
  }

  private mutating func array() throws(Failure) -> [JSONValue] {
    try descend()
    var elements: [JSONValue] = []
    if !take(UInt8(ascii: "]")) {
      repeat {
        skipSpace()
        elements.append(try value())
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "]")) else { throw fail("a comma or the end of the list should stand here") }
    }
    depth -= 1
    return elements
  }

  private mutating func object() throws(Failure) -> JSONObject {
    try descend()
    var object = JSONObject()
    if !take(UInt8(ascii: "}")) {
      repeat {
        skipSpace()
        let start = place
        guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { throw fail("a name should stand here") }
        let key = try string()
        skipSpace()
        guard take(UInt8(ascii: ":")) else { throw fail("a colon should stand here") }
        skipSpace()
        guard object.append(key, try value()) else {
          throw Failure(offset: start, reason: "the name \"\(key.prefix(80))\" stands twice in one object")
        }
        skipSpace()
      } while take(UInt8(ascii: ","))
      guard take(UInt8(ascii: "}")) else { throw fail("a comma or the end of the object should stand here") }
    }
    depth -= 1
    return object
  }

  // MARK: - Numbers

  private mutating func number() throws(Failure) -> JSONValue {
    let start = place
    let isNegative = take(UInt8(ascii: "-"))
    let digits = place
    try skipDigits()
    guard bytes[digits] != UInt8(ascii: "0") || place == digits + 1 else {
      throw Failure(offset: digits, reason: "a number begins with 0")
    }
    var isInteger = true
    if take(UInt8(ascii: ".")) {
      isInteger = false
      try skipDigits()
    }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      isInteger = false
      _ = take(UInt8(ascii: "+")) || take(UInt8(ascii: "-"))
      try skipDigits()
    }
    guard place - start <= Self.numberLimit else {
      throw Failure(offset: start, reason: "a number has more than \(Self.numberLimit) characters")
    }
    if isInteger, let value = integer(digits..<place, isNegative: isNegative) { return .integer(value) }
    let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<place]), as: UTF8.self)
    guard let value = Double(text), value.isFinite else {
      throw Failure(offset: start, reason: "the number is too large for a double")
    }
    return .number(value)
  }

  private func integer(_ digits: Range<Int>, isNegative: Bool) -> Int? {
    var value = 0
    for place in digits {
      let digit = Int(bytes[place] - UInt8(ascii: "0"))
      let (product, high) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(isNegative ? -digit : digit)
      guard !high, !carry else { return nil }
      value = sum
    }
    return value
  }

  private mutating func skipDigits() throws(Failure) {
    let start = place
    while place < bytes.count, bytes[place] &- UInt8(ascii: "0") < 10 { place += 1 }
    guard place > start else { throw fail("a digit should stand here") }
  }

  // MARK: - Strings

  private mutating func string() throws(Failure) -> String {
    let start = place
    place += 1
    var text: [UInt8] = []
    var isEscaped = false
    while true {
      let run = place
      while place < bytes.count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\"),
        bytes[place] >= 0x20
      { place += 1 }
      guard place < bytes.count else { throw Failure(offset: start, reason: "a text has no end") }
      let piece = UnsafeBufferPointer(rebasing: bytes[run..<place])
      if bytes[place] == UInt8(ascii: "\""), !isEscaped {
        place += 1
        return try checked(piece, start)
      }
      text.append(contentsOf: piece)
      switch bytes[place] {
      case UInt8(ascii: "\""):
        place += 1
        return try text.withUnsafeBufferPointer { (text) throws(Failure) in try checked(text, start) }
      case UInt8(ascii: "\\"):
        isEscaped = true
        try escape(&text)
      default: throw fail("a control character stands in a text")
      }
    }
  }

  private func checked(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) throws(Failure) -> String {
    guard let string = String(validating: text, as: UTF8.self) else {
      throw Failure(offset: start, reason: "the text that begins here is not UTF-8")
    }
    return string
  }

  private mutating func escape(_ text: inout [UInt8]) throws(Failure) {
    let start = place
    place += 1
    guard place < bytes.count else { throw fail("the text ends within an escape") }
    let kind = bytes[place]
    place += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hexadecimal(start)
      if 0xd800..<0xdc00 ~= code, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) {
        let low = try hexadecimal(start)
        guard 0xdc00..<0xe000 ~= low else { throw Failure(offset: start, reason: "a surrogate stands alone") }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw Failure(offset: start, reason: "a surrogate stands alone") }
      text.append(contentsOf: String(Character(scalar)).utf8)
    default: throw Failure(offset: start, reason: "an unknown escape")
    }
  }

  private mutating func hexadecimal(_ start: Int) throws(Failure) -> UInt32 {
    guard bytes.count - place >= 4 else { throw Failure(offset: start, reason: "the text ends within an escape") }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue, bytes[place] < 0x80 else {
        throw Failure(offset: start, reason: "four hexadecimal digits should follow \\u")
      }
      code = code << 4 | UInt32(digit)
      place += 1
    }
    return code
  }

  // MARK: - Places

  private mutating func skipSpace() {
    while place < bytes.count {
      switch bytes[place] {
      case 0x20, 0x09, 0x0a, 0x0d: place += 1
      default: return
      }
    }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  private func fail(_ reason: String) -> Failure { Failure(offset: place, reason: reason) }
}
