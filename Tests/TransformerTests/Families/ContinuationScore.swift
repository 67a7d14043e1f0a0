// How a language model takes to a continuation: what evaluations without examples (LAMBADA, SciQ, PIQA) are scored by.

import Tensors

@testable import Transformer

/// What a model thinks of tokens that follow a context.
struct ContinuationScore {
  /// Whether each of them is the likeliest where it stands.
  let isLikeliest: Bool
  /// The negative logarithm of the probability of all of them, in nats.
  let loss: Double

  init(of continuation: [Int], after context: [Int], by model: HookedTransformer) {
    precondition(!context.isEmpty, "a continuation follows one token at least")
    let logarithms = model(TokenBatch(context + continuation)).slice(axis: 0, at: 0).logSoftmax()
    var (isLikeliest, loss) = (true, 0.0)
    for (place, token) in continuation.enumerated() {
      let row = logarithms.slice(axis: 0, at: context.count + place - 1)
      isLikeliest = isLikeliest && row.argmax() == token
      loss -= Double(row[token])
    }
    self.isLikeliest = isLikeliest
    self.loss = loss
  }
}

extension Tokenizer {
  /// The tokens of plain text, with nothing in front.
  func plainTokens(_ text: String) throws -> [Int] {
    try toTokens(text, prependBOS: false, parsingSpecial: false)
  }
}
