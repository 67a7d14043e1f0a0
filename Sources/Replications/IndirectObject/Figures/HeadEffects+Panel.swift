// Path patching as Wang et al. 2022 draw it (figures 3b, 4b, 5): a map of layers and heads in percent of the logit
// difference, blue where patching lowers it.

import Plotting
import Tensors

extension HeadEffects {
  /// The relative changes in percent, `[layer][head]`.
  var percent: [[Double]] {
    let values = relative
    return (0..<values.shape[0]).map { layer in (0..<values.shape[1]).map { 100 * Double(values[layer, $0]) } }
  }

  /// The largest relative change of any head, in percent.
  var largestPercent: Double { percent.joined().map(\.magnitude).max() ?? 0 }

  /// The map of layers and heads.
  ///
  /// - Parameters:
  ///   - title: What receives.
  ///   - colors: A scale to share with other maps; one that fits unless given.
  func panel(_ title: String, colors: ColorScale? = nil) -> Panel {
    let isSmall = relative.count <= 36
    return .matrix(
      title: title, percent,
      colors: colors ?? .diverging("change of the logit difference, %", limit: Swift.max(largestPercent, 1)),
      rowLabel: "layer", columnLabel: "head", cell: isSmall ? 38 : 20, cellText: isSmall ? .decimals(0) : .none)
  }
}
