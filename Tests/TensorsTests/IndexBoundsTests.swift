import Testing

@testable import Tensors

@Suite("Bounds of indices")
struct IndexBoundsTests {
  @Test("are the least and the greatest, and none of none")
  func bounds() {
    #expect(Tensors.bounds(of: [3, -1, 7, 7, 0]) == -1...7)
    #expect(Tensors.bounds(of: [5]) == 5...5)
    #expect(Tensors.bounds(of: []) == nil)
  }
}
