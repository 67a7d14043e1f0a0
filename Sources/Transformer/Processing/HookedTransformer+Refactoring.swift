// Queries and keys, values and outputs in the bases of their singular vectors.
//
// Scores depend on W_Q·W_Kᵀ alone and what a head writes on W_V·W_O alone, so any basis of the head is as good as
// another. The singular vectors make directions comparable: the first matters most.

import Tensors

extension HookedTransformer {
  /// A new model with each head's queries and keys, values and outputs in the bases of their singular vectors.
  ///
  /// Queries and keys share the singular values evenly, biases included; the values take those of W_V·W_O and the
  /// output matrix has orthonormal rows. Values have no biases afterwards. Throws when queries and keys cannot be
  /// turned, and when a decomposition does not converge.
  public func refactoringAttention() throws -> HookedTransformer {
    let c = configuration
    if let obstacle = obstacle(to: .refactoredAttention) { throw obstacle }
    var model = foldingValueBiases()
    for layer in blocks.indices {
      let attn = model.blocks[layer].attn
      var heads: [(Q: Tensor, K: Tensor, V: Tensor, O: Tensor)] = []
      for head in 0..<c.nHeads {
        let columns = head * c.dHead..<(head + 1) * c.dHead
        // A row more for the bias: the score is the product of both with 1 appended to the stream.
        func extended(_ W: Tensor, _ b: Tensor?) -> Tensor {
          let bias = b?.slice(axis: 0, columns) ?? Tensor(zeros: [c.dHead])
          return Tensor.concatenated([W.slice(axis: 1, columns), bias.reshaped([1, c.dHead])])
        }
        let scores = try FactoredMatrix(extended(attn.W_Q, attn.b_Q), extended(attn.W_K, attn.b_K).transposed()).svd()
        let roots = scores.S.squareRoots()
        let written = try FactoredMatrix(attn.W_V.slice(axis: 1, columns), attn.W_O.slice(axis: 0, columns)).svd()
        heads.append(
          (scores.U * roots, scores.V * roots, written.U * written.S, written.V.transposed()))
      }
      func joined(_ part: (_ head: (Q: Tensor, K: Tensor, V: Tensor, O: Tensor)) -> Tensor) -> Tensor {
        Tensor.concatenated(heads.map(part), axis: 1)
      }
      let (Q, K) = (joined(\.Q), joined(\.K))
      model.blocks[layer].attn.W_Q = Q.slice(axis: 0, 0..<c.dModel)
      model.blocks[layer].attn.b_Q = Q.slice(axis: 0, at: c.dModel)
      model.blocks[layer].attn.W_K = K.slice(axis: 0, 0..<c.dModel)
      model.blocks[layer].attn.b_K = K.slice(axis: 0, at: c.dModel)
      model.blocks[layer].attn.W_V = joined(\.V)
      model.blocks[layer].attn.W_O = Tensor.concatenated(heads.map(\.O), axis: 0)
    }
    model.processing.insert(.refactoredAttention)
    return model
  }
}
