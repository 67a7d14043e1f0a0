/// One axis of a panel: its label, its kind of scale and, unless the data decide, the range that it shows.
public struct Axis: Sendable, Hashable {
  /// A place on an axis chosen by the caller.
  public struct Tick: Sendable, Hashable {
    /// Where the tick stands, in data units.
    public var value: Double
    /// What is written beside it.
    public var label: String

    /// Makes a tick at `value` that reads `label`.
    public init(_ value: some BinaryFloatingPoint, _ label: String) {
      self.value = Double(value)
      self.label = label
    }
  }

  enum Kind: Hashable, Sendable {
    case linear
    case log
    case categories([String])
  }

  /// The text along the axis; empty for none.
  public var label: String
  /// The range shown; nil to fit the data.
  public var domain: ClosedRange<Double>?
  /// Whether values grow leftward or downward.
  public var isReversed: Bool
  /// Ticks to use in place of the computed ones; those whose labels would collide lose their labels.
  public var ticks: [Tick]?
  /// Whether ticks, labels and grid lines are left out.
  public var isHidden: Bool
  let kind: Kind

  /// An axis with even spacing.
  public static func linear(
    _ label: String = "", _ domain: ClosedRange<Double>? = nil, reversed: Bool = false, ticks: [Tick]? = nil
  ) -> Axis {
    Axis(label: label, domain: domain, isReversed: reversed, ticks: ticks, isHidden: false, kind: .linear)
  }

  /// An axis with even spacing per factor of ten.
  ///
  /// Values of zero and below have no place on it: they are gaps in the figure, counted in its description. A `domain`
  /// that reaches zero is a programmer's error.
  public static func log(
    _ label: String = "", _ domain: ClosedRange<Double>? = nil, reversed: Bool = false, ticks: [Tick]? = nil
  ) -> Axis {
    if let domain {
      precondition(
        domain.lowerBound > 0, "The domain of a logarithmic axis must lie above zero, not at \(domain.lowerBound).")
    }
    return Axis(label: label, domain: domain, isReversed: reversed, ticks: ticks, isHidden: false, kind: .log)
  }

  /// An axis with one slot for each name; the first slot is centred at 0, the second at 1, and so on.
  public static func categories(_ names: [String], label: String = "", reversed: Bool = false) -> Axis {
    let upper = Double(max(names.count, 1)) - 0.5
    return Axis(
      label: label, domain: -0.5...upper, isReversed: reversed, ticks: nil, isHidden: false, kind: .categories(names))
  }

  /// A linear axis without ticks, labels and grid, for geometry whose units carry no meaning.
  public static func hidden(_ domain: ClosedRange<Double>? = nil) -> Axis {
    Axis(label: "", domain: domain, isReversed: false, ticks: nil, isHidden: true, kind: .linear)
  }

  /// The name of the slot at `value` on a categorical axis.
  func category(at value: Double) -> String? {
    guard case .categories(let names) = kind, let index = Int(exactly: value), names.indices.contains(index) else {
      return nil
    }
    return names[index]
  }
}
