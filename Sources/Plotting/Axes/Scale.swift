import Foundation

/// The map from data values to pixels along one axis of a placed panel.
struct Scale: Equatable {
  let isLog: Bool
  let low: Double
  let high: Double
  /// Pixels from the start of the axis to its end.
  let length: Double
  /// Whether `high` is at pixel 0; so on a vertical axis that grows upward, as pixels grow downward.
  let isFlipped: Bool

  /// The distance in pixels from the left or upper end; nil for values without a place (not finite; zero on a log axis).
  func position(_ value: Double) -> Double? {
    guard value.isDrawable, !isLog || value > 0 else { return nil }
    let fraction =
      isLog
      ? (log10(value) - log10(low)) / (log10(high) - log10(low))
      : (value / 2 - low / 2) / (high / 2 - low / 2)
    return min(max((isFlipped ? 1 - fraction : fraction) * length, -1e6), 1e6)
  }

  /// Whether `value` lies inside the shown range, give or take a thousandth of it.
  func shows(_ value: Double) -> Bool {
    guard let pixel = position(value) else { return false }
    return pixel >= -length * 1e-3 - 1e-9 && pixel <= length * 1.001 + 1e-9
  }
}

/// The range of values that the marks of a panel ask of one axis.
struct Extent: Equatable {
  var low: Double
  var high: Double
  /// Whether the axis should end exactly at `low`, as at the edge of a heat map.
  var isLowTight = false
  /// Whether the axis should end exactly at `high`.
  var isHighTight = false

  /// The range of the values that have a place; nil if none has.
  init?(_ values: some Sequence<Double>, isLog: Bool, isTight: Bool = false) {
    var low = Double.infinity
    var high = -Double.infinity
    for value in values where value.isDrawable && (!isLog || value > 0) {
      low = min(low, value)
      high = max(high, value)
    }
    guard low <= high else { return nil }
    self.low = low
    self.high = high
    isLowTight = isTight
    isHighTight = isTight
  }

  /// The smallest range around both, each end as tight as the extent that sets it.
  func union(_ other: Extent) -> Extent {
    var result = self
    if other.low <= low {
      result.low = other.low
      result.isLowTight = other.isLowTight || (isLowTight && other.low == low)
    }
    if other.high >= high {
      result.high = other.high
      result.isHighTight = other.isHighTight || (isHighTight && other.high == high)
    }
    return result
  }
}

/// Chooses the range that an axis shows.
enum Domain {
  /// The range for `axis`, given what the marks ask for: the axis's own, or the data's with a margin.
  static func resolve(_ axis: Axis, extent: Extent?) -> ClosedRange<Double> {
    let isLog = axis.kind == .log
    if let domain = axis.domain { return widened(domain.lowerBound, domain.upperBound, isLog: isLog) }
    guard let extent else { return isLog ? 1...10 : 0...1 }
    let range = widened(extent.low, extent.high, isLog: isLog)
    guard range == extent.low...extent.high else { return range }
    var (low, high) = (range.lowerBound, range.upperBound)
    if isLog {
      let margin = pow(10, 0.04 * (log10(high) - log10(low)))
      if !extent.isLowTight { low = max(low / margin, 1e-300) }
      if !extent.isHighTight { high = min(high * margin, 1e300) }
    } else {
      // A bar chart stands on zero, so an end at zero stays there.
      let margin = 0.1 * (high / 2 - low / 2)
      if !extent.isLowTight && low != 0 { low = max(low - margin, -1e300) }
      if !extent.isHighTight && high != 0 { high = min(high + margin, 1e300) }
    }
    return low...high
  }

  /// The range itself, or room around it when its ends are too close to tell apart.
  private static func widened(_ low: Double, _ high: Double, isLog: Bool) -> ClosedRange<Double> {
    let magnitude = max(abs(low), abs(high))
    if isLog { return high > low * (1 + 1e-9) ? low...high : (low / 2)...(high * 2) }
    guard high / 2 - low / 2 <= max(magnitude * 1e-12, 1e-280) else { return low...high }
    let margin = magnitude > 1e-280 ? magnitude * 0.1 : 1
    return (low - margin)...(high + margin)
  }
}
