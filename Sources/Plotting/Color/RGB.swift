import Foundation

/// A colour of the sRGB space.
public struct RGB: Sendable, Hashable {
  /// Red, 0 through 255.
  public var red: UInt8
  /// Green, 0 through 255.
  public var green: UInt8
  /// Blue, 0 through 255.
  public var blue: UInt8

  /// Makes a colour from `0xRRGGBB`.
  public init(_ hex: UInt32) {
    red = UInt8(truncatingIfNeeded: hex >> 16)
    green = UInt8(truncatingIfNeeded: hex >> 8)
    blue = UInt8(truncatingIfNeeded: hex)
  }

  /// The colour as `#rrggbb`.
  public var hex: String {
    "#"
      + [red, green, blue].map { channel in
        let digits = String(channel, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
      }.joined()
  }

  /// The relative luminance of WCAG 2.2, from 0 for black to 1 for white.
  public var luminance: Double {
    func linear(_ channel: UInt8) -> Double {
      let value = Double(channel) / 255
      return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
    }
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  /// The contrast ratio of WCAG 2.2, from 1 for equal colours to 21 for black on white.
  public func contrast(with other: RGB) -> Double {
    let (a, b) = (luminance, other.luminance)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)
  }

  /// The colour a `fraction` of the way to `other`, mixed channel by channel in sRGB.
  func mixed(with other: RGB, fraction: Double) -> RGB {
    func mix(_ a: UInt8, _ b: UInt8) -> UInt32 {
      let (start, end) = (Double(a), Double(b))
      return UInt32((start + (end - start) * fraction).rounded())
    }
    return RGB(mix(red, other.red) << 16 | mix(green, other.green) << 8 | mix(blue, other.blue))
  }
}
