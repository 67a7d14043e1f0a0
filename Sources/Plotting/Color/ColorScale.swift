/// How values become colours, and how the colour bar or legend that explains it is labelled.
public struct ColorScale: Sendable, Hashable {
  /// One named class of a categorical scale.
  public struct Category: Sendable, Hashable {
    /// The name shown in the legend.
    public var name: String
    /// The colour of the class.
    public var ink: Ink

    /// Makes a class shown as `name` in `ink`.
    public init(_ name: String, _ ink: Ink) {
      self.name = name
      self.ink = ink
    }
  }

  enum Kind: Hashable, Sendable {
    case continuous(Colormap, low: Double, high: Double, center: Double?)
    case categories([Category])
  }

  /// The label of the colour bar; empty for none.
  public var title: String
  let kind: Kind

  /// Colours from `domain.lowerBound` to `domain.upperBound`; values beyond take the colour of the nearer end.
  public static func sequential(
    _ title: String, _ domain: ClosedRange<Double>, map: Colormap = .sequential
  ) -> ColorScale {
    ColorScale(title: title, kind: .continuous(map, low: domain.lowerBound, high: domain.upperBound, center: nil))
  }

  /// Colours over the range of the finite values, or 0...1 if there are none.
  public static func sequential(_ title: String, fitting values: [Double], map: Colormap = .sequential) -> ColorScale {
    let finite = values.filter(\.isDrawable)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    return .sequential(title, low < high ? low...high : low...(low + max(abs(low), 1)), map: map)
  }

  /// Colours on both sides of `center`, which is labelled on the bar, reaching `limit` away from it.
  public static func diverging(
    _ title: String, center: Double = 0, limit: Double, map: Colormap = .diverging
  ) -> ColorScale {
    precondition(limit > 0, "A diverging colour scale needs a limit above zero, not \(limit).")
    return ColorScale(
      title: title, kind: .continuous(map, low: center - limit, high: center + limit, center: center))
  }

  /// Colours for classes: value 0 is the first class, 1 the second, and so on.
  public static func categories(_ classes: [Category], title: String = "") -> ColorScale {
    ColorScale(title: title, kind: .categories(classes))
  }

  /// The colour of `value`; nil where it has none (not finite, or no such class).
  func ink(for value: Double) -> Ink? {
    guard value.isDrawable else { return nil }
    switch kind {
    case .continuous(let map, let low, let high, _):
      let fraction = high > low ? (value - low) / (high - low) : 0.5
      return .fixed(map.color(at: fraction))
    case .categories(let classes):
      return Int(exactly: value).flatMap { classes.indices.contains($0) ? classes[$0].ink : nil }
    }
  }

  /// How many of `values` lie beyond the ends and therefore share the end colours.
  func clampedCount(_ values: some Sequence<Double>) -> Int {
    guard case .continuous(_, let low, let high, _) = kind else { return 0 }
    return values.count { $0.isDrawable && ($0 < low || $0 > high) }
  }
}

/// How the data of one mark are coloured.
public enum Coloring: Sendable, Hashable {
  /// The next free series colour; marks with the same name share it throughout the figure.
  case automatic
  /// One ink for every datum.
  case ink(Ink)
  /// An ink for each datum, in order.
  case each([Ink])
  /// A value for each datum, in order, looked up in a scale that the figure explains.
  case values([Double], ColorScale)

  /// The scale to explain, if the colours stand for values.
  var scale: ColorScale? {
    if case .values(_, let scale) = self { scale } else { nil }
  }

  /// The value behind the colour of datum `index`, if there is one.
  func value(at index: Int) -> Double? {
    guard case .values(let values, _) = self, values.indices.contains(index) else { return nil }
    return values[index]
  }
}

extension Double {
  /// Whether a figure can place the number: finite, and far enough from overflow to subtract and scale.
  var isDrawable: Bool { isFinite && abs(self) <= 1e300 }
}
