/// A pair of data coordinates.
public struct Point: Sendable, Hashable {
  /// The horizontal coordinate, in the units of the x axis.
  public var x: Double
  /// The vertical coordinate, in the units of the y axis.
  public var y: Double

  /// Makes a point from any floating-point type.
  public init(_ x: some BinaryFloatingPoint, _ y: some BinaryFloatingPoint) {
    self.x = Double(x)
    self.y = Double(y)
  }
}

/// A width and a height in pixels.
public struct Size: Sendable, Hashable {
  /// The horizontal extent.
  public var width: Double
  /// The vertical extent.
  public var height: Double

  /// Makes a size of `width` by `height` pixels.
  public init(_ width: Double, _ height: Double) {
    self.width = width
    self.height = height
  }
}

/// A rectangle in pixels, y growing downward.
struct Rect: Equatable {
  var x: Double
  var y: Double
  var width: Double
  var height: Double

  var maxX: Double { x + width }
  var maxY: Double { y + height }
  var midX: Double { x + width / 2 }
  var midY: Double { y + height / 2 }

  /// The rectangle between two opposite corners, in any order.
  init(_ a: Point, _ b: Point) {
    self.init(x: min(a.x, b.x), y: min(a.y, b.y), width: abs(a.x - b.x), height: abs(a.y - b.y))
  }

  init(x: Double, y: Double, width: Double, height: Double) {
    self.x = x
    self.y = y
    self.width = width
    self.height = height
  }

  /// Whether the two share more than `tolerance` pixels in both directions.
  func overlaps(_ other: Rect, tolerance: Double = 0) -> Bool {
    min(maxX, other.maxX) - max(x, other.x) > tolerance && min(maxY, other.maxY) - max(y, other.y) > tolerance
  }

  /// Whether `other` stays inside, give or take `tolerance` pixels.
  func contains(_ other: Rect, tolerance: Double = 0) -> Bool {
    other.x >= x - tolerance && other.y >= y - tolerance && other.maxX <= maxX + tolerance
      && other.maxY <= maxY + tolerance
  }

  /// The rectangle grown by `amount` on every side.
  func outset(by amount: Double) -> Rect {
    Rect(x: x - amount, y: y - amount, width: width + 2 * amount, height: height + 2 * amount)
  }
}

/// Space kept free around a plot for its labels, in pixels.
struct Insets: Equatable {
  var top = 0.0
  var left = 0.0
  var bottom = 0.0
  var right = 0.0

  /// Grows each side to hold what `other` needs as well.
  mutating func formUnion(_ other: Insets) {
    top = max(top, other.top)
    left = max(left, other.left)
    bottom = max(bottom, other.bottom)
    right = max(right, other.right)
  }
}
