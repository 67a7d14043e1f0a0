// Whether a head copies, and whether it matches tokens: the signs of the eigenvalues of its full circuits.
//
// Elhage et al. 2021, *Detecting Copying* and *Checking the Mechanistic Theory*. The full circuits are dVocab × dVocab;
// their non-zero eigenvalues are those of dHead × dHead products, which is all that is ever formed here.

import Tensors

extension HookedTransformer {
  /// Σλ/Σ|λ| of each head's full OV circuit W_E·W_V·W_O·W_U, `[layer, head]`: 1 for a head that copies.
  ///
  /// Attending to a token then raises the logit of that token. Refuses a model whose normalisations are not folded. The
  /// tokens are those that can be predicted, which are the first that can be read. MLPs before the head are not in it.
  public func copyingScores() throws -> Tensor { try copyingEigenvalues().positivity }

  /// The eigenvalues of each head's full OV circuit that are not zero, `[layer, head, dHead]`.
  public func copyingEigenvalues() throws -> Eigenvalues {
    try requireFoldedNormalizations(for: "the copying score")
    let predicted = configuration.dVocabOut
    precondition(
      configuration.dVocab >= predicted,
      "\(predicted) output tokens for \(configuration.dVocab) input tokens: copying is not defined")
    // The eigenvalues of W_E·W_V·W_O·W_U are those of W_O·(W_U·W_E)·W_V.
    let unembeddedAndEmbedded =
      untiedUnembedding.map { $0.matmul(W_E.slice(axis: 0, 0..<predicted)) } ?? W_E.matmul(W_E, transposingSelf: true)
    return try FactoredMatrix(W_V, W_O.matmul(unembeddedAndEmbedded)).eigenvalues()
  }

  /// Σλ/Σ|λ| of each head's full QK circuit W_E·W_Q·W_Kᵀ·W_Eᵀ, `[layer, head]`: 1 for a head that attends to tokens
  /// like the present one.
  ///
  /// Refuses a model whose normalisations are not folded.
  public func matchingScores() throws -> Tensor {
    try requireFoldedNormalizations(for: "the matching score")
    let grams = W_E.matmul(W_E, transposingSelf: true)
    return try FactoredMatrix(W_Q, W_K.transposed().matmul(grams)).eigenvalues().positivity
  }

  /// The same for keys that an earlier head wrote, W_E·W_Q·W_Kᵀ·(W_E·W_V'·W_O')ᵀ, `[layer, head]`; 0 up to its layer.
  ///
  /// With a previous-token head as the earlier one, an induction head has 1: it attends to tokens whose predecessor is
  /// like the present token.
  public func matchingScores(throughLayer layer: Int, head: Int) throws -> Tensor {
    try requireFoldedNormalizations(for: "the matching score")
    let c = configuration
    let grams = W_E.matmul(W_E, transposingSelf: true)
    let sender = OV(layer: layer, head: head)
    var scores = Tensor(zeros: [c.nLayers, c.nHeads])
    for receiverLayer in 0..<c.nLayers where receiverLayer > layer {
      for receiver in 0..<c.nHeads {
        // The eigenvalues are those of W_Kᵀ·(W_V'·W_O')ᵀ·(W_Eᵀ·W_E)·W_Q.
        let keys = sender.matmul(W_K(layer: receiverLayer, head: receiver)).transposed()
        let circuit = FactoredMatrix(W_Q(layer: receiverLayer, head: receiver), keys.matmul(grams))
        scores[receiverLayer, receiver] = try circuit.eigenvalues().positivity.scalar
      }
    }
    return scores
  }
}
