// Strings that are equal only when their bytes are.
//
// Swift compares strings by canonical equivalence: "é" as one scalar equals "e" with a combining accent. In files these are
// two different names, and two different tokens of a vocabulary.

/// A string as a dictionary key that is compared and hashed by its UTF-8 bytes.
struct ExactString: Hashable, Sendable {
  let string: String

  init(_ string: String) { self.string = string }

  static func == (left: ExactString, right: ExactString) -> Bool {
    left.string.utf8.elementsEqual(right.string.utf8)
  }

  func hash(into hasher: inout Hasher) {
    var copy = string
    copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xff as UInt8)
  }
}
