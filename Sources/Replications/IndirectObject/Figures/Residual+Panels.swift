// Where the answer comes from: the logit difference as the stream accumulates, and activation patching by layer and
// position with the words of a sentence on the axis.

import Plotting

extension Panel {
  /// The logit difference read off the stream at each stage, `0_pre`, `0_mid`, …, a line a seed.
  static func accumulatedResidual(
    _ title: String, labels: [String], _ seeds: [[Double]], size: Size = Size(260, 190)
  ) -> Panel {
    Panel(
      title: title, x: .categories(labels), y: .linear("logit difference"), size: size,
      marks: [
        .rule(y: 0),
        .seeds(nil, xs: labels.indices.map(Double.init), seeds, color: .ink(.series(0))),
      ])
  }

  /// The share of the answer that patching brings back, by layer and position.
  static func patchedPositions(
    _ title: String, _ shares: [[Double]], words: [String], colors: ColorScale, cell: Double = 26
  ) -> Panel {
    // Words recur in a sentence, and names of categories must say which is meant: numbers go in front.
    .matrix(
      title: title, shares, colors: colors, rowLabel: "layer",
      columnNames: words.enumerated().map { "\($0.offset) \($0.element)" }, cell: cell)
  }
}
