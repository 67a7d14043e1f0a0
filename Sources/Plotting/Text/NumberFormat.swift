import Foundation

/// Numbers as text: the same characters on every machine and in every locale.
///
/// Labels use the true minus sign (−) and superscript exponents (10⁻³); files use the shortest text that reads back as
/// the same `Double`.
enum NumberFormat {
  /// `value` with exactly `decimals` digits after the point; a value that rounds to zero has no sign.
  static func fixed(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return special(value) }
    let power = pow(10, Double(decimals))
    let scaled = (abs(value) * power).rounded()
    guard scaled < 9e15 else { return scientific(value, decimals: 3) }
    let digits = String(Int64(scaled))
    let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
    let sign = value < 0 && scaled != 0 ? "−" : ""
    guard decimals > 0 else { return sign + padded }
    return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
  }

  /// `value` as a mantissa with `decimals` digits and a power of ten; a mantissa of one is left out.
  static func scientific(_ value: Double, decimals: Int) -> String {
    guard value.isFinite else { return special(value) }
    guard value != 0 else { return "0" }
    var exponent = floorLog10(value)
    var mantissa = abs(value) / pow(10, Double(exponent))
    let power = pow(10, Double(decimals))
    mantissa = (mantissa * power).rounded() / power
    if mantissa >= 10 {
      mantissa /= 10
      exponent += 1
    }
    let sign = value < 0 ? "−" : ""
    return mantissa == 1
      ? "\(sign)10\(superscript(exponent))"
      : "\(sign)\(fixed(mantissa, decimals: decimals))×10\(superscript(exponent))"
  }

  /// `value` in at most `digits` significant digits, without trailing zeros: for hover texts and single labels.
  static func short(_ value: Double, digits: Int = 4) -> String {
    guard value.isFinite else { return special(value) }
    guard value != 0 else { return "0" }
    let exponent = floorLog10(value)
    let text =
      exponent < -4 || exponent > 5
      ? scientific(value, decimals: digits - 1) : fixed(value, decimals: max(0, digits - 1 - exponent))
    return withoutTrailingZeros(text)
  }

  /// A coordinate for SVG: at most two decimals, ASCII.
  static func coordinate(_ value: Double) -> String {
    guard value.isFinite else { return "0" }
    let hundredths = (min(max(value, -1e9), 1e9) * 100).rounded()
    let whole = Int64(hundredths)
    let sign = whole < 0 ? "-" : ""
    let magnitude = abs(whole)
    let (units, rest) = (magnitude / 100, magnitude % 100)
    if rest == 0 { return "\(sign)\(units)" }
    if rest % 10 == 0 { return "\(sign)\(units).\(rest / 10)" }
    return "\(sign)\(units).\(rest < 10 ? "0" : "")\(rest)"
  }

  /// The shortest decimal text that reads back as the same number: for CSV.
  static func exact(_ value: Double) -> String {
    value.isNaN
      ? "nan" : value.isInfinite ? (value < 0 ? "-inf" : "inf") : value == 0 ? "0" : trimmed(value.description)
  }

  /// The exponent of `value` in scientific notation; `value` is finite and not zero.
  static func floorLog10(_ value: Double) -> Int {
    let magnitude = abs(value)
    var exponent = Int(log10(magnitude).rounded(.down))
    // The logarithm may round across a power of ten, and large powers of ten are themselves rounded.
    let closeTo = 1 - 1e-15
    if magnitude >= pow(10, Double(exponent + 1)) * closeTo { exponent += 1 }
    if magnitude < pow(10, Double(exponent)) * closeTo { exponent -= 1 }
    return exponent
  }

  /// An exponent in superscript digits.
  static func superscript(_ exponent: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return String(String(exponent).map { $0.wholeNumberValue.map { digits[$0] } ?? "⁻" })
  }

  private static func special(_ value: Double) -> String {
    value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞"
  }

  private static func trimmed(_ text: String) -> String {
    text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private static func withoutTrailingZeros(_ text: String) -> String {
    let parts = text.split(separator: "×", maxSplits: 1, omittingEmptySubsequences: false)
    var mantissa = parts[0]
    if mantissa.contains(".") {
      while mantissa.last == "0" { mantissa.removeLast() }
      if mantissa.last == "." { mantissa.removeLast() }
    }
    return parts.count == 2 ? "\(mantissa)×\(parts[1])" : String(mantissa)
  }
}
