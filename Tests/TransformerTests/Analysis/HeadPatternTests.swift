import Tensors
import Testing
import Transformer

@Suite("Patterns of kinds of heads")
struct HeadPatternTests {
  private let tokens = [0, 1, 2, 1, 2]

  private func ones(_ places: [(Int, Int)]) -> Tensor {
    var matrix = Tensor(zeros: [5, 5])
    for (query, key) in places { matrix[query, key] = 1 }
    return matrix
  }

  @Test("of a previous-token head: the diagonal below")
  func previousToken() {
    #expect(HeadPattern.previousToken.pattern(for: tokens) == ones([(1, 0), (2, 1), (3, 2), (4, 3)]))
  }

  @Test("of a duplicate-token head: the same token before, not itself")
  func duplicateToken() {
    #expect(HeadPattern.duplicateToken.pattern(for: tokens) == ones([(3, 1), (4, 2)]))
  }

  @Test("of an induction head: what followed the same token")
  func induction() {
    #expect(HeadPattern.induction.pattern(for: tokens) == ones([(3, 2), (4, 3)]))
  }

  @Test("of an induction head reach the present token when it follows itself")
  func doubled() {
    #expect(HeadPattern.induction.pattern(for: [3, 3, 0, 3, 1]) == ones([(1, 1), (3, 1), (3, 2)]))
  }

  @Test("of no tokens are empty")
  func empty() {
    #expect(HeadPattern.induction.pattern(for: []).shape == [0, 0])
  }
}
