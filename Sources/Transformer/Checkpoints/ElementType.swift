// The types of numbers that checkpoints hold, under the names of the safetensors format.

/// The type of a stored tensor's elements.
public enum ElementType: String, Sendable, CaseIterable {
  /// Truth values of 8 bits.
  case bool = "BOOL"
  /// Floats of 4 bits; not converted.
  case f4 = "F4"
  /// Floats of 6 bits, 2 of them for the exponent; not converted.
  case f6E2M3 = "F6_E2M3"
  /// Floats of 6 bits, 3 of them for the exponent; not converted.
  case f6E3M2 = "F6_E3M2"
  /// Unsigned integers of 8 bits.
  case u8 = "U8"
  /// Integers of 8 bits.
  case i8 = "I8"
  /// Floats of 8 bits, 5 of them for the exponent; not converted.
  case f8E5M2 = "F8_E5M2"
  /// Floats of 8 bits, 4 of them for the exponent; not converted.
  case f8E4M3 = "F8_E4M3"
  /// Powers of two in 8 bits; not converted.
  case f8E8M0 = "F8_E8M0"
  /// Floats of 8 bits without infinities and negative zero; not converted.
  case f8E4M3FNUZ = "F8_E4M3FNUZ"
  /// Floats of 8 bits without infinities and negative zero; not converted.
  case f8E5M2FNUZ = "F8_E5M2FNUZ"
  /// Integers of 16 bits.
  case i16 = "I16"
  /// Unsigned integers of 16 bits.
  case u16 = "U16"
  /// Half precision.
  case f16 = "F16"
  /// The upper half of single precision.
  case bf16 = "BF16"
  /// Integers of 32 bits.
  case i32 = "I32"
  /// Unsigned integers of 32 bits.
  case u32 = "U32"
  /// Single precision.
  case f32 = "F32"
  /// Pairs of single precision; not converted.
  case c64 = "C64"
  /// Double precision.
  case f64 = "F64"
  /// Integers of 64 bits.
  case i64 = "I64"
  /// Unsigned integers of 64 bits.
  case u64 = "U64"
  /// A type of another format that has no name here (Python objects, texts); not converted.
  case other = "OTHER"

  /// The number of bits of an element; 0 where it is not known.
  var bits: Int {
    switch self {
    case .other: 0
    case .f4: 4
    case .f6E2M3, .f6E3M2: 6
    case .bool, .u8, .i8, .f8E5M2, .f8E4M3, .f8E8M0, .f8E4M3FNUZ, .f8E5M2FNUZ: 8
    case .i16, .u16, .f16, .bf16: 16
    case .i32, .u32, .f32: 32
    case .c64, .f64, .i64, .u64: 64
    }
  }

  /// Whether elements can be converted to single precision.
  var isConvertible: Bool { isInteger || self == .f16 || self == .bf16 || self == .f32 || self == .f64 }

  /// Whether elements are integers or truth values.
  var isInteger: Bool {
    switch self {
    case .bool, .u8, .i8, .i16, .u16, .i32, .u32, .i64, .u64: true
    default: false
    }
  }

  /// The number of bytes of a shape's elements, or nil when it is no whole number or too large to count.
  func byteCount(of shape: [Int]) -> Int? {
    guard let count = Self.count(of: shape) else { return nil }
    let (total, overflow) = count.multipliedReportingOverflow(by: bits)
    return overflow || total % 8 != 0 ? nil : total / 8
  }

  /// The number of elements of a shape, or nil when an extent is negative or the product too large to count.
  ///
  /// The product of the extents other than zero must be countable too: kernels multiply them one by one.
  static func count(of shape: [Int]) -> Int? {
    var product = 1
    for extent in shape where extent != 0 {
      guard extent > 0 else { return nil }
      let (next, overflow) = product.multipliedReportingOverflow(by: extent)
      guard !overflow else { return nil }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }
}
