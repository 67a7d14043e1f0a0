import Testing

@testable import Plotting

@Suite("Scale")
struct ScaleTests {
  @Test("A linear scale maps its ends to its ends, and halves to halves")
  func linear() {
    let scale = Scale(isLog: false, low: -1, high: 3, length: 200, isFlipped: false)
    #expect(scale.position(-1) == 0)
    #expect(scale.position(1) == 100)
    #expect(scale.position(3) == 200)
  }

  @Test("A flipped scale runs the other way, as a vertical axis does on screen")
  func flipped() {
    let scale = Scale(isLog: false, low: 0, high: 1, length: 100, isFlipped: true)
    #expect(scale.position(0) == 100)
    #expect(scale.position(1) == 0)
  }

  @Test("A log scale gives each decade the same length and no place to zero or below")
  func logarithmic() throws {
    let scale = Scale(isLog: true, low: 0.01, high: 100, length: 400, isFlipped: false)
    #expect(abs(try #require(scale.position(0.1)) - 100) < 1e-9)
    #expect(abs(try #require(scale.position(1)) - 200) < 1e-9)
    #expect(scale.position(0) == nil)
    #expect(scale.position(-1) == nil)
  }

  @Test("Values that are not finite have no place", arguments: [Double.nan, .infinity, -.infinity, 1e301])
  func notFinite(value: Double) {
    #expect(Scale(isLog: false, low: 0, high: 1, length: 1, isFlipped: false).position(value) == nil)
  }

  @Test("A range that spans nearly all numbers does not overflow")
  func hugeRange() throws {
    let scale = Scale(isLog: false, low: -1e300, high: 1e300, length: 10, isFlipped: false)
    #expect(abs(try #require(scale.position(0)) - 5) < 1e-9)
  }

  @Test("A fitted range has a margin, stands on zero, and is tight where cells end")
  func margins() throws {
    let axis = Axis.linear()
    let range = Domain.resolve(axis, extent: Extent([2, 4], isLog: false))
    #expect(abs(range.lowerBound - 1.9) < 1e-12 && abs(range.upperBound - 4.1) < 1e-12)
    #expect(Domain.resolve(axis, extent: Extent([0, 4], isLog: false)).lowerBound == 0)
    let cells = try #require(Extent([2, 4], isLog: false, isTight: true))
    let line = try #require(Extent([2.5, 3], isLog: false))
    #expect(Domain.resolve(axis, extent: line.union(cells)) == 2...4)
    #expect(Domain.resolve(axis, extent: cells.union(line)) == 2...4)
  }

  @Test("No data, one value and equal values still give a range")
  func degenerate() {
    #expect(Domain.resolve(.linear(), extent: nil) == 0...1)
    #expect(Domain.resolve(.log(), extent: nil) == 1...10)
    #expect(Domain.resolve(.linear(), extent: Extent([5], isLog: false)) == 4.5...5.5)
    #expect(Domain.resolve(.linear(), extent: Extent([0, 0], isLog: false)) == -1...1)
    #expect(Domain.resolve(.log(), extent: Extent([8, 8], isLog: true)) == 4...16)
    #expect(Extent([.nan, .infinity], isLog: false) == nil)
    #expect(Extent([-1, 0], isLog: true) == nil)
  }

  @Test("A log axis refuses a range that reaches zero")
  func logDomain() async {
    await #expect(processExitsWith: .failure) { _ = Axis.log("x", 0...1) }
  }
}
