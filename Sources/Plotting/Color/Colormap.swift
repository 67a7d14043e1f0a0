/// A continuous map from 0...1 to colours.
public struct Colormap: Sendable, Hashable {
  /// The colours at equal distances from 0 through 1.
  public var anchors: [RGB]

  /// Makes a map that runs through `anchors`, of which there are at least two.
  public init(anchors: [RGB]) {
    precondition(anchors.count >= 2, "A colormap needs at least two anchors, not \(anchors.count).")
    self.anchors = anchors
  }

  /// The colour at `fraction`, which is clamped to 0...1.
  public func color(at fraction: Double) -> RGB {
    let position = min(max(fraction, 0), 1) * Double(anchors.count - 1)
    let index = min(Int(position), anchors.count - 2)
    return anchors[index].mixed(with: anchors[index + 1], fraction: position - Double(index))
  }

  /// Viridis (van der Walt and Smith, 2015): perceptually even, for cells that fill an area.
  public static let viridis = Colormap(
    anchors: [
      0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C, 0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725,
    ].map(RGB.init))

  /// The middle of viridis, of which thin lines and dots stay visible on light and on dark backgrounds.
  public static let sequential = Colormap(
    anchors: (0...8).map { Colormap.viridis.color(at: 0.22 + 0.53 * Double($0) / 8) })

  /// Blue over white to red (Brewer's RdBu, reversed), for values on both sides of a centre.
  public static let diverging = Colormap(
    anchors: [
      0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xF7F7F7, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B, 0x67001F,
    ].map(RGB.init))

  /// From grey-blue to red, for a share such as superposition from 0 through 1 on bars.
  public static let coolToWarm = Colormap(
    anchors: [0x4C78C4, 0x7F9CD0, 0xA9A9B4, 0xD98C78, 0xCB4A42].map(RGB.init))
}
