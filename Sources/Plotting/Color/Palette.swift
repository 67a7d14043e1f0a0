/// The colours that the roles of ``Ink`` have on one background.
///
/// Series follow Okabe and Ito (2008) in hue, so that they stay apart under the common colour-vision deficiencies, with
/// lightness moved until each reaches a contrast of 3:1 against its background.
struct Palette: Sendable {
  static let seriesCount = 8

  var surface: RGB
  var text: RGB
  var muted: RGB
  var axis: RGB
  var grid: RGB
  var published: RGB
  var control: RGB
  var series: [RGB]

  /// Colours for a white page.
  static let light = Palette(
    surface: RGB(0xFFFFFF), text: RGB(0x1B1F24), muted: RGB(0x57606A), axis: RGB(0x6E7781), grid: RGB(0xE4E7EB),
    published: RGB(0xB5126B), control: RGB(0x6B7280),
    series: [
      RGB(0x0072B2), RGB(0xD55E00), RGB(0x008A66), RGB(0xA66F00), RGB(0x7048B6), RGB(0x2591BF), RGB(0x7A4A1E),
      RGB(0x3D4451),
    ])

  /// Colours for a dark page.
  static let dark = Palette(
    surface: RGB(0x15181D), text: RGB(0xE8EAED), muted: RGB(0xA9B1BA), axis: RGB(0x8B949E), grid: RGB(0x2D323A),
    published: RGB(0xFF86C0), control: RGB(0x9CA3AF),
    series: [
      RGB(0x4BA3E3), RGB(0xFF8A4C), RGB(0x2FC79A), RGB(0xF2B134), RGB(0xB79AF0), RGB(0x86DCF7), RGB(0xC79A6B),
      RGB(0xCBD2DB),
    ])

  /// Every role with its colour, in a fixed order.
  var roles: [(name: String, color: RGB)] {
    [
      ("text", text), ("muted", muted), ("axis", axis), ("grid", grid), ("surface", surface),
      ("published", published), ("control", control),
    ] + series.enumerated().map { ("c\($0.offset)", $0.element) }
  }
}
