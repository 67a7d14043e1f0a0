import Testing

@testable import Plotting

@Suite("Number format")
struct NumberFormatTests {
  @Test("Fixed decimals round, pad and never show a negative zero")
  func fixed() {
    #expect(NumberFormat.fixed(1.005, decimals: 1) == "1.0")
    #expect(NumberFormat.fixed(-0.004, decimals: 2) == "0.00")
    #expect(
      NumberFormat.fixed(-12.345, decimals: 2) == "−12.35" || NumberFormat.fixed(-12.345, decimals: 2) == "−12.34")
    #expect(NumberFormat.fixed(0.07, decimals: 3) == "0.070")
    #expect(NumberFormat.fixed(.nan, decimals: 2) == "NaN")
    #expect(NumberFormat.fixed(-.infinity, decimals: 2) == "−∞")
  }

  @Test("Scientific notation carries when the mantissa rounds up to ten")
  func scientific() {
    #expect(NumberFormat.scientific(99_999, decimals: 1) == "10⁵")
    #expect(NumberFormat.scientific(-2.5e-12, decimals: 1) == "−2.5×10⁻¹²")
    #expect(NumberFormat.scientific(0, decimals: 2) == "0")
  }

  @Test("Short numbers have four significant digits and no trailing zeros")
  func short() {
    #expect(NumberFormat.short(0.5) == "0.5")
    #expect(NumberFormat.short(72) == "72")
    #expect(NumberFormat.short(0.123456) == "0.1235")
    #expect(NumberFormat.short(1_234_567) == "1.235×10⁶")
    #expect(NumberFormat.short(100_000) == "100000")
    #expect(NumberFormat.short(0.00001) == "10⁻⁵")
  }

  @Test("Coordinates have at most two decimals and are always readable by SVG")
  func coordinates() {
    #expect(NumberFormat.coordinate(1) == "1")
    #expect(NumberFormat.coordinate(-0.001) == "0")
    #expect(NumberFormat.coordinate(1.5) == "1.5")
    #expect(NumberFormat.coordinate(-2.049) == "-2.05")
    #expect(NumberFormat.coordinate(.nan) == "0")
    #expect(NumberFormat.coordinate(1e20) == "1000000000")
  }

  @Test(
    "Exact numbers read back as the same bits",
    arguments: [0.1, 1e-300, -2.5, 1.0 / 3, 123_456_789, .leastNonzeroMagnitude, 1e22])
  func exact(value: Double) {
    #expect(Double(NumberFormat.exact(value)) == value)
  }

  @Test("The exponent is right at and next to every power of ten")
  func exponents() {
    var power = 1e-290
    for exponent in -290...290 {
      power = Double("1e\(exponent)") ?? power
      #expect(NumberFormat.floorLog10(power) == exponent)
      #expect(NumberFormat.floorLog10(power * 9.99) == exponent)
    }
  }
}
