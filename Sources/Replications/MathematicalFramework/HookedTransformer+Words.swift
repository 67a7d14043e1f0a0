// Models here read one token more than they predict: the beginning of a row. Circuits from tokens to tokens are defined
// on those that are both.

import Tensors
import Transformer

extension HookedTransformer {
  /// The same model when it reads only the tokens that it can predict: without the beginning-of-sequence token.
  var ofWords: HookedTransformer {
    var words = configuration
    words.dVocab = configuration.dVocabOut
    return HookedTransformer(
      words, W_E: W_E.slice(axis: 0, 0..<words.dVocab), W_pos: W_pos, blocks: blocks, untiedUnembedding: W_U)
  }

  /// The same model when its outputs have other names: output i is what output `order[i]` was.
  func permutingOutputs(_ order: [Int]) -> HookedTransformer {
    var model = self
    model.untiedUnembedding = W_U.gathered(axis: 1, at: order)
    return model
  }

  /// How much each token raises itself through each head: the diagonal of W_E·W_V·W_O·W_U, `[layer][head][token]`.
  var copyingDiagonals: [[[Double]]] {
    let outputs = W_U.transposed()
    return (0..<configuration.nLayers).map { layer in
      (0..<configuration.nHeads).map { head in
        (W_E.matmul(OV(layer: layer, head: head)) * outputs).sum(axis: 1).elements.map(Double.init)
      }
    }
  }
}

extension Tensor {
  /// The elements of a matrix, `[row][column]`, in double precision.
  var doubles: [[Double]] {
    (0..<shape[0]).map { row in (0..<shape[1]).map { Double(self[row, $0]) } }
  }
}
