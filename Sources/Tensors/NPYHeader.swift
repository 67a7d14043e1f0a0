// The header of an .npy file: a Python dictionary literal behind a magic number, a version and a length.

/// What the header of an .npy file says.
package struct NPYHeader {
  /// The element types read and written here, by NumPy's descriptor.
  enum ElementType: String, CaseIterable {
    case float32 = "<f4"
    case float64 = "<f8"
    case int32 = "<i4"
    case int64 = "<i8"

    var size: Int { self == .float32 || self == .int32 ? 4 : 8 }
  }

  /// The number of a file's first bytes among which its header must end.
  package static let longestStart = 12 + longest

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// The longest header that is read; NumPy itself refuses to parse beyond 10,000 characters.
  private static let longest = 10_000

  /// The most axes that an array may have; NumPy's own limit.
  private static let mostAxes = 64

  /// NumPy's name for the type of the elements, as `<f4`.
  package let descriptor: String
  /// Whether the first axis runs fastest.
  package let isFortranOrder: Bool
  /// The extent of each axis.
  package let shape: [Int]
  /// Where the elements begin.
  package let end: Int

  /// Parses the header at the start of a file's bytes; the name appears in errors.
  package init(_ bytes: [UInt8], _ name: String) throws(NPYError) {
    func fail(_ reason: String) -> NPYError { NPYError(file: name, reason: reason) }
    guard bytes.starts(with: Self.magic) else { throw fail("does not begin with the magic number of an .npy file") }
    guard bytes.count >= 10 else { throw fail("ends within the first 10 bytes of its header") }
    let version = bytes[6]
    guard (1...3).contains(version) else { throw fail("has format version \(version); versions 1 to 3 are read") }
    let start = version == 1 ? 10 : 12
    guard bytes.count >= start else { throw fail("ends within the first \(start) bytes of its header") }
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    if version > 1 { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
    guard length <= Self.longest else {
      throw fail("has a header of \(length) bytes; at most \(Self.longest) are read")
    }
    end = start + length
    guard bytes.count >= end else { throw fail("ends at byte \(bytes.count), within its header of \(end) bytes") }
    var parser = NPYHeaderParser(text: Array(bytes[start..<end]))
    guard let fields = parser.parse() else {
      throw fail("has a header that is not a dictionary of 'descr', 'fortran_order' and 'shape'")
    }
    guard fields.shape.count <= Self.mostAxes else { throw fail("has \(fields.shape.count) axes") }
    descriptor = fields.descriptor
    isFortranOrder = fields.isFortranOrder
    shape = fields.shape
  }

  /// The type and the number of elements, checked against the bytes that follow the header.
  func elements(available: Int, _ name: String) throws(NPYError) -> (type: ElementType, count: Int) {
    func fail(_ reason: String) -> NPYError { NPYError(file: name, reason: reason) }
    guard let type = ElementType(rawValue: descriptor) else {
      let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
      throw fail("holds elements of type '\(descriptor)'; \(known) are read")
    }
    guard !isFortranOrder else { throw fail("is in Fortran order; C order is read") }
    var count = 1
    if shape.contains(0) {
      count = 0
    } else {
      for extent in shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: extent)
        guard !overflow, product <= available else {
          throw fail("promises the shape \(shape), but only \(available) bytes follow the header")
        }
        count = product
      }
    }
    guard count * type.size == available else {
      throw fail("has \(available) bytes of elements; the shape \(shape) needs \(count * type.size)")
    }
    return (type, count)
  }

  /// The header's bytes, padded so that the elements begin at a multiple of 64.
  static func encoded(_ type: ElementType, _ shape: [Int]) -> [UInt8] {
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(type.rawValue)', 'fortran_order': False, 'shape': (\(extents)), }"
    let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
    let header = Array(text.utf8) + [UInt8](repeating: 0x20, count: padding) + [0x0a]
    precondition(header.count <= Self.longest, "the shape \(shape) has too many axes for an .npy file")
    return magic + [1, 0, UInt8(header.count & 0xff), UInt8(header.count >> 8)] + header
  }
}

/// Reads the three entries of a header's dictionary, each exactly once and nothing else.
private struct NPYHeaderParser {
  struct Fields {
    var descriptor: String
    var isFortranOrder: Bool
    var shape: [Int]
  }

  let text: [UInt8]
  private var place = 0

  init(text: [UInt8]) { self.text = text }

  /// The entries, or nil when the text is anything else.
  mutating func parse() -> Fields? {
    var (descriptor, isFortranOrder, shape): (String?, Bool?, [Int]?) = (nil, nil, nil)
    guard take("{") else { return nil }
    while !take("}") {
      guard let key = string(), take(":") else { return nil }
      switch key {
      case "descr" where descriptor == nil:
        guard let value = string() else { return nil }
        descriptor = value
      case "fortran_order" where isFortranOrder == nil:
        if take("True") { isFortranOrder = true } else if take("False") { isFortranOrder = false } else { return nil }
      case "shape" where shape == nil:
        guard let value = tuple() else { return nil }
        shape = value
      default: return nil
      }
      if !take(",") {
        guard take("}") else { return nil }
        break
      }
    }
    skipSpace()
    guard place == text.count, let descriptor, let isFortranOrder, let shape else { return nil }
    return Fields(descriptor: descriptor, isFortranOrder: isFortranOrder, shape: shape)
  }

  private mutating func skipSpace() {
    while place < text.count, text[place] == 0x20 || text[place] == 0x0a { place += 1 }
  }

  private mutating func take(_ token: String) -> Bool {
    skipSpace()
    guard text[place...].starts(with: token.utf8) else { return false }
    place += token.utf8.count
    return true
  }

  private mutating func string() -> String? {
    skipSpace()
    guard place < text.count, text[place] == UInt8(ascii: "'") || text[place] == UInt8(ascii: "\"") else { return nil }
    let quote = text[place]
    guard let close = text[(place + 1)...].firstIndex(of: quote) else { return nil }
    defer { place = close + 1 }
    return String(decoding: text[(place + 1)..<close], as: UTF8.self)
  }

  private mutating func tuple() -> [Int]? {
    guard take("(") else { return nil }
    var extents: [Int] = []
    while !take(")") {
      skipSpace()
      let digits = text[place...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let extent = Int(String(decoding: digits, as: UTF8.self)) else { return nil }
      extents.append(extent)
      place += digits.count
      if !take(",") {
        guard take(")") else { return nil }
        break
      }
    }
    return extents
  }
}
