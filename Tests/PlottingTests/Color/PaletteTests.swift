import Testing

@testable import Plotting

@Suite("Palette")
struct PaletteTests {
  static let palettes = [("light", Palette.light), ("dark", Palette.dark)]

  @Test("Text reaches the WCAG AA contrast of 4.5:1 on its background", arguments: palettes)
  func textContrast(name: String, palette: Palette) {
    for ink in [palette.text, palette.muted, palette.published, palette.control] {
      #expect(ink.contrast(with: palette.surface) >= 4.5, "\(name) \(ink.hex)")
    }
  }

  @Test("Every series and axis reaches 3:1, the WCAG contrast of graphics", arguments: palettes)
  func seriesContrast(name: String, palette: Palette) {
    #expect(palette.series.count == Palette.seriesCount)
    for ink in palette.series + [palette.axis] {
      #expect(ink.contrast(with: palette.surface) >= 3, "\(name) \(ink.hex)")
    }
  }

  @Test("The first five series stay apart for every common kind of colour vision", arguments: palettes)
  func colourVision(name: String, palette: Palette) {
    for vision in ColorVision.allCases {
      let seen = (palette.series.prefix(5) + [palette.published]).map(vision.lab)
      for a in seen.indices {
        for b in seen.indices where b > a {
          let distance = zip(seen[a], seen[b]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
          #expect(distance > 15, "\(name), \(vision): \(a) and \(b) are \(distance) apart")
        }
      }
    }
  }

  @Test("The sequential map is visible as thin marks on both backgrounds and grows lighter throughout")
  func sequentialMap() {
    let colors = (0...20).map { Colormap.sequential.color(at: Double($0) / 20) }
    for color in colors {
      #expect(color.contrast(with: Palette.light.surface) >= 1.8)
      #expect(color.contrast(with: Palette.dark.surface) >= 1.8)
    }
    for map in [Colormap.sequential, .viridis] {
      let lightness = (0...20).map { map.color(at: Double($0) / 20).luminance }
      #expect(lightness == lightness.sorted())
    }
  }

  @Test("The diverging map is lightest at its centre and symmetric in lightness")
  func divergingMap() {
    let map = Colormap.diverging
    let center = map.color(at: 0.5)
    #expect(center == RGB(0xF7F7F7))
    for step in 1...10 {
      let (low, high) = (map.color(at: 0.5 - Double(step) / 20), map.color(at: 0.5 + Double(step) / 20))
      #expect(low.luminance < center.luminance && high.luminance < center.luminance)
      #expect(abs(low.luminance - high.luminance) < 0.15)
    }
  }

  @Test("Black on white has the largest contrast, 21")
  func contrastBounds() {
    #expect(abs(RGB(0x000000).contrast(with: RGB(0xFFFFFF)) - 21) < 1e-9)
    #expect(RGB(0x123456).contrast(with: RGB(0x123456)) == 1)
    #expect(RGB(0x0A0B0C).hex == "#0a0b0c")
  }
}
