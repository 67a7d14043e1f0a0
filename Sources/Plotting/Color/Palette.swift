/// The colours that the roles of ``Ink`` have on one background.
///
/// Series take the hues of Okabe and Ito (2008): blue, vermilion, green, ochre, violet. Their lightness is spread until each
/// has a contrast of 3:1 against its background and until the first five and the published colour stay apart under
/// protanopia and deuteranopia (at least 15 in CIE L*a*b*; the tests compute it).
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
    published: RGB(0xB0164B), control: RGB(0x6B7280),
    series: [
      RGB(0x0068B8), RGB(0xE35404), RGB(0x00A080), RGB(0x6E4800), RGB(0x3D1485), RGB(0x2591BF), RGB(0x6E7B00),
      RGB(0x3D4451),
    ])

  /// Colours for a dark page.
  static let dark = Palette(
    surface: RGB(0x15181D), text: RGB(0xE8EAED), muted: RGB(0xA9B1BA), axis: RGB(0x8B949E), grid: RGB(0x2D323A),
    published: RGB(0xFF75BE), control: RGB(0x9CA3AF),
    series: [
      RGB(0x277FCB), RGB(0xF55626), RGB(0x3BD69F), RGB(0xFBCA5D), RGB(0xB7AAFF), RGB(0x86DCF7), RGB(0xBFD45A),
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
