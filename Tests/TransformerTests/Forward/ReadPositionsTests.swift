// Runs of whose end one position of each row is wanted compute less, and the same.

import Tensors
import Testing

@testable import Transformer

@Suite("Runs that end at one position") struct ReadPositionsTests {
  @Test("equal that position of a whole run, in every architecture", arguments: InterventionModel.all)
  func residual(_ subject: InterventionModel) throws {
    let model = subject.model
    var padded = subject.clean
    padded.mask = (0..<padded.tokens.count).map { $0 != 0 && $0 != 5 && $0 != 6 }
    for tokens in [subject.clean, padded] {
      var whole = RunOptions()
      whole.logits = .none
      let residual = try model.run(tokens, whole).residual.value
      let entering = try model.runWithCache(tokens, stopAtLayer: 2).logits
      for places in [[4, 4, 4], [2, 2, 2], [4, 2, 3], [1, 1, 1]] {
        let expected = places.indices.flatMap { row in (0..<12).map { residual[row, places[row], $0] } }
        // From the tokens, from the last block, and with the last block watched.
        for start in [nil, RunStart(entering, layer: 2)] {
          for watched in [HookFilter.none, .each([.residPre])] {
            var options = whole
            options.start = start
            options.cached = start == nil ? watched : .none
            options.readPositions = places
            let result = try model.run(tokens, options)
            #expect(result.residual.shape == [3, 12])
            let size = max(1, expected.map(\.magnitude).max() ?? 1)
            #expect(
              largestDifference(result.residual.value.elements, expected) < 1e-5 * size,
              "\(subject) at \(places)\(tokens.mask == nil ? "" : ", padded")")
            if let last = result.cache.points.last { #expect(result.cache[last].shape == [3, 5, 12]) }
          }
        }
      }
    }
  }
}
