// Steps through texts in UTF-8 that are known to be valid, because they come from Swift strings.

/// Reading scalars out of the bytes of a valid text.
enum UTF8Text {
  /// The number of bytes of the scalar that begins with a byte.
  @inline(__always)
  static func length(of lead: UInt8) -> Int {
    lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4
  }

  /// The scalar that begins at a place, and its number of bytes.
  @inline(__always)
  static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ place: Int) -> (value: UInt32, length: Int) {
    let lead = UInt32(bytes[place])
    if lead < 0x80 { return (lead, 1) }
    let second = UInt32(bytes[place + 1] & 0x3f)
    if lead < 0xe0 { return ((lead & 0x1f) << 6 | second, 2) }
    let third = UInt32(bytes[place + 2] & 0x3f)
    if lead < 0xf0 { return ((lead & 0x0f) << 12 | second << 6 | third, 3) }
    return ((lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[place + 3] & 0x3f), 4)
  }

  /// The place where the scalar before a place begins.
  static func start(before place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = place - 1
    while start > 0, bytes[start] & 0xc0 == 0x80 { start -= 1 }
    return start
  }

  /// Whether a text has another one's bytes at a place.
  static func hasPrefix(_ needle: [UInt8], at place: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count - place >= needle.count else { return false }
    for index in needle.indices where bytes[place + index] != needle[index] { return false }
    return true
  }

  /// The text with each occurrence of one string replaced by another, from left to right.
  static func replacing(_ needle: [UInt8], with replacement: [UInt8], in text: [UInt8]) -> [UInt8] {
    guard !needle.isEmpty else { return text }
    var result: [UInt8] = []
    result.reserveCapacity(text.count + text.count / 4)
    text.withUnsafeBufferPointer { bytes in
      var place = 0
      while place < bytes.count {
        if bytes[place] == needle[0], hasPrefix(needle, at: place, in: bytes) {
          result.append(contentsOf: replacement)
          place += needle.count
        } else {
          result.append(bytes[place])
          place += 1
        }
      }
    }
    return result
  }
}
