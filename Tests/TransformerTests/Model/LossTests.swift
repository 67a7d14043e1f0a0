// Losses of padded batches: what does not count in the mean is not a number in the list.

import Tensors
import Testing
import Transformer

@Suite("Losses")
struct LossTests {
  @Test("of single tokens are those of each row alone, and not a number at padding", arguments: ZooModel.causal)
  func padded(_ zoo: ZooModel) {
    let model = zoo.model
    let rows = [[3, 1, 4, 1, 5], [2, 7], [8, 1, 8, 2]]
    for side in [TokenBatch.PaddingSide.left, .right] {
      let tokens = TokenBatch(rows, padding: 0, on: side)
      let losses = model.lossPerToken(tokens)
      #expect(losses.shape == [3, 4])
      for (row, text) in rows.enumerated() {
        let alone = model.lossPerToken(TokenBatch(text)).elements
        let first = side == .left ? 5 - text.count : 0
        for position in 0..<4 {
          let place = position - first
          let counts = alone.indices.contains(place)
          #expect(counts ? abs(losses[row, position] - alone[place]) < 1e-5 : losses[row, position].isNaN)
        }
      }
      let counted = losses.elements.filter { !$0.isNaN }
      #expect(abs(counted.reduce(0, +) / Float(counted.count) - model.loss(tokens)) < 1e-5)
    }
  }
}
