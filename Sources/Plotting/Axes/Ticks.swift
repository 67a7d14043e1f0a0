import Foundation

/// Where an axis is marked and what is written there, before anything is known about room.
enum Ticks {
  /// One mark on an axis; a minor one has no label.
  struct Tick: Equatable {
    var value: Double
    var label: String?
  }

  /// At most about `count` multiples of 1, 2 or 5 times a power of ten inside `domain`.
  static func linear(_ domain: ClosedRange<Double>, count: Int) -> [Tick] {
    let span = (domain.upperBound / 2 - domain.lowerBound / 2) * 2
    guard span > 0, span.isFinite else { return [] }
    let raw = span / Double(max(count, 1))
    let power = pow(10, Double(NumberFormat.floorLog10(raw)))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= raw * (1 - 1e-9) } ?? 10 * power
    let first = (domain.lowerBound / step - 1e-6).rounded(.up)
    let last = (domain.upperBound / step + 1e-6).rounded(.down)
    guard first <= last, last - first < 1000 else { return [] }
    let values = stride(from: first, through: last, by: 1).map { $0 * step }
    return zip(values, linearLabels(values, step: step)).map { Tick(value: $0, label: $1) }
  }

  /// Labels with just the digits that `step` needs, all plain or all with powers of ten.
  static func linearLabels(_ values: [Double], step: Double) -> [String] {
    let stepExponent = NumberFormat.floorLog10(step)
    let decimals = max(0, -stepExponent)
    let largest = values.map(abs).max() ?? 0
    let scientific = values.map { value in
      abs(value) < step / 2
        ? "0"
        : NumberFormat.scientific(value, decimals: max(0, NumberFormat.floorLog10(value) - stepExponent))
    }
    guard decimals < 15, largest < 1e15 else { return scientific }
    let plain = values.map { NumberFormat.fixed($0, decimals: decimals) }
    if largest < 1e5 && decimals <= 4 { return plain }
    return scientific.joined().count < plain.joined().count ? scientific : plain
  }

  /// Marks on a log axis: labelled decades, every `stride`-th one, with the multiples between them as minor marks.
  static func decades(_ domain: ClosedRange<Double>, stride: Int) -> [Tick] {
    let (first, last) = exponents(domain)
    let shown = Swift.stride(from: first, through: last, by: 1).filter { value($0, in: domain) != nil }
    let isPlain = shown.allSatisfy { (-3...4).contains($0) }
    var ticks: [Tick] = []
    for exponent in first...last {
      if let value = value(exponent, in: domain) {
        let isLabelled = exponent % stride == 0
        // Hundreds of unlabelled decades would run together.
        if !isLabelled && last - first > 30 { continue }
        ticks.append(Tick(value: value, label: isLabelled ? logLabel(1, exponent, isPlain: isPlain) : nil))
      }
      if stride == 1 && last - first <= 7 { ticks += minors(2...9, exponent, domain) }
    }
    return ticks
  }

  /// Marks on a log axis of few decades: 1, 2 and 5 of each labelled, the other multiples minor.
  static func oneTwoFive(_ domain: ClosedRange<Double>) -> [Tick] {
    let (first, last) = exponents(domain)
    let isPlain = first >= -3 && last <= 4
    return (first...last).flatMap { exponent in
      (1...9).flatMap { multiple in
        minors(multiple...multiple, exponent, domain).map { tick in
          Tick(
            value: tick.value,
            label: [1, 2, 5].contains(multiple) ? logLabel(multiple, exponent, isPlain: isPlain) : nil)
        }
      }
    }
  }

  private static func exponents(_ domain: ClosedRange<Double>) -> (first: Int, last: Int) {
    (NumberFormat.floorLog10(domain.lowerBound), NumberFormat.floorLog10(domain.upperBound * (1 + 1e-9)))
  }

  private static func value(_ exponent: Int, in domain: ClosedRange<Double>) -> Double? {
    minors(1...1, exponent, domain).first?.value
  }

  private static func minors(_ multiples: ClosedRange<Int>, _ exponent: Int, _ domain: ClosedRange<Double>) -> [Tick] {
    multiples.compactMap { multiple in
      let value = Double(multiple) * pow(10, Double(exponent))
      guard value >= domain.lowerBound * (1 - 1e-9), value <= domain.upperBound * (1 + 1e-9) else { return nil }
      return Tick(value: value, label: nil)
    }
  }

  private static func logLabel(_ multiple: Int, _ exponent: Int, isPlain: Bool) -> String {
    if isPlain { return NumberFormat.fixed(Double(multiple) * pow(10, Double(exponent)), decimals: max(0, -exponent)) }
    return (multiple == 1 ? "" : "\(multiple)×") + "10" + NumberFormat.superscript(exponent)
  }
}
