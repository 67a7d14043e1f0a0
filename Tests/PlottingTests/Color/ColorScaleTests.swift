import Testing

@testable import Plotting

@Suite("Colour scale")
struct ColorScaleTests {
  @Test("A diverging scale gives its centre the middle colour and symmetric limits the ends")
  func diverging() {
    let scale = ColorScale.diverging("v", center: 2, limit: 3)
    #expect(scale.ink(for: 2) == .fixed(Colormap.diverging.color(at: 0.5)))
    #expect(scale.ink(for: -1) == .fixed(Colormap.diverging.color(at: 0)))
    #expect(scale.ink(for: 5) == .fixed(Colormap.diverging.color(at: 1)))
  }

  @Test("Values beyond the ends take the end colours and are counted")
  func clamping() {
    let scale = ColorScale.sequential("v", 0...1)
    #expect(scale.ink(for: 9) == scale.ink(for: 1))
    #expect(scale.clampedCount([-1, 0, 0.5, 1, 2, .nan]) == 2)
  }

  @Test("Values that are not finite have no colour", arguments: [Double.nan, .infinity])
  func notFinite(value: Double) {
    #expect(ColorScale.sequential("v", 0...1).ink(for: value) == nil)
  }

  @Test("Classes are looked up by their index, and other values have no colour")
  func classes() {
    let scale = ColorScale.categories([.init("a", .series(0)), .init("b", .series(1))])
    #expect(scale.ink(for: 1) == .series(1))
    #expect(scale.ink(for: 2) == nil)
    #expect(scale.ink(for: 0.5) == nil)
  }

  @Test("A scale fitted to equal or to no values still has an extent")
  func fitting() {
    #expect(ColorScale.sequential("v", fitting: [4, 4]).ink(for: 4) != nil)
    #expect(ColorScale.sequential("v", fitting: [.nan]) == ColorScale.sequential("v", 0...1))
  }

  @Test("Series colours wrap around instead of running out")
  func wrapping() {
    #expect(Ink.series(0).role == Ink.series(Palette.seriesCount).role)
    #expect(Ink.series(-1).role == "c7")
  }
}
