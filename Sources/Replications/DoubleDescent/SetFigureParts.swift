// What the figures of this finding share: stick plots of vectors in the plane, and losses in three digits.

import Foundation
import Plotting

extension Panel {
  /// Vectors from the origin on a scale of their own, at most the 150 longest; the longest length is in the title.
  static func sticks(
    _ vectors: [[Double]], title: String, name: String, color: Ink, side: Double = 112
  ) -> Panel {
    let tips = vectors.map { Point($0[0], $0[1]) }.sorted { $0.length > $1.length }.prefix(150).map { $0 }
    let longest = tips.first?.length ?? 0
    return .geometry(
      title: "\(title)\nlongest \(longest.inThreeDigits)", reach: longest > 0 ? 1.06 * longest : 1, side: side,
      marks: [.vectors(tips, name: name, color: .ink(color))])
  }
}

extension Point {
  fileprivate var length: Double { (x * x + y * y).squareRoot() }
}

extension Double {
  /// The number to three significant digits, zeros included, and without an exponent.
  var inThreeDigits: String {
    guard isFinite, self != 0 else { return brief }
    let decimals = max(0, 2 - Int(log10(magnitude).rounded(.down)))
    return String(format: "%.\(decimals)f", self)
  }
}
