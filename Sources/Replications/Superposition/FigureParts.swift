// What the figures of this finding share: words for densities, and vectors turned to a common orientation.

import Foundation
import Plotting
import ToyModels

/// "1−S = 0.05".
func densityInWords(_ density: Float) -> String { "1−S = \(Double(density).brief)" }

extension SuperpositionGeometry {
  /// The feature directions in the plane, turned until one of them points up and mirrored until the first other one
  /// lies to the right.
  ///
  /// Losses do not change when a model is turned or mirrored, so orientation carries no meaning. A line's directions
  /// lie flat.
  ///
  /// - Parameter feature: The feature that points up; nil for the longest.
  func plane(up feature: Int? = nil) -> [Point] {
    guard hidden > 1 else { return directions.map { Point($0[0], 0.0) } }
    let lengths = norms
    let up = feature ?? lengths.indices.max { lengths[$0] < lengths[$1] } ?? 0
    let turn = (90 - angle(up)) * .pi / 180
    let turned = directions.map { direction in
      let (x, y) = (direction[0], direction[1])
      return Point(x * cos(turn) - y * sin(turn), x * sin(turn) + y * cos(turn))
    }
    let first = turned.indices.first { $0 != up && abs(turned[$0].x) > 0.2 }
    let isMirrored = first.map { turned[$0].x < 0 } ?? false
    return isMirrored ? turned.map { Point(-$0.x, $0.y) } : turned
  }
}

extension Mark {
  /// The circle of length one about the origin.
  static let unitCircle = line(
    "length 1",
    (0...72).map { step in
      let angle = Double(step) * .pi / 36
      return Point(cos(angle), sin(angle))
    }, color: .ink(.muted), style: .thin)
}
