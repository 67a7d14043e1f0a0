// Rows in which spans recur: background tokens, and now and then a copy of a stretch from earlier in the row.
//
// What a copy repeats is known only from the row itself, and each begins a different distance after its source, so that
// neither bigrams nor attention at a fixed distance predict it: only matching tokens with earlier ones does. (A row that
// is repeated whole is no such test: one layer solves it with an attention head that looks a fixed distance back.)

import Foundation
import Tensors
import Transformer

/// Rows of background tokens with copied spans at variable distances.
struct CopiedSpans: Sendable {
  /// What is between copies.
  enum Background: Sendable {
    /// Independent tokens, each as likely as any other.
    case uniform
    /// A stationary Markov chain, which goes on from whatever token came last.
    case markov(MarkovChain)
  }

  /// One row, and which of its tokens are copies.
  struct Row: Sendable {
    var tokens: [Int]
    var isCopied: [Bool]
  }

  /// The number of tokens; the beginning-of-sequence token is one more, `vocabulary` itself.
  var vocabulary: Int

  /// The number of tokens in a row, without the beginning-of-sequence token.
  var length: Int

  /// The probability that a copy starts where none is under way.
  var rate: Double

  /// What is between copies.
  var background = Background.uniform

  /// The lengths of copies, each as likely as any other.
  var spans = 4...12

  /// The first position at which a copy can start.
  var earliest = 7

  /// The least distance from the start of a copy's source to the copy: sources start before `position − distance + 1`.
  var distance = 5

  /// The token that each row of a batch begins with.
  var bos: Int { vocabulary }

  // MARK: - Drawing

  /// One row.
  func row(using stream: inout RandomStream) -> Row {
    var row = Row(tokens: [], isCopied: Array(repeating: false, count: length))
    row.tokens.reserveCapacity(length)
    var (left, source) = (0, 0)
    for position in 0..<length {
      if left == 0 && canStart(at: position) && stream.uniformDouble() < rate {
        source = stream.integer(below: position - distance + 1)
        left = spans.lowerBound + stream.integer(below: spans.count)
      }
      if left > 0 {
        row.tokens.append(row.tokens[source])
        row.isCopied[position] = true
        source += 1
        left -= 1
      } else {
        row.tokens.append(backgroundToken(after: row.tokens.last, &stream))
      }
    }
    return row
  }

  /// Rows that begin with the beginning-of-sequence token, `[rows, length + 1]`.
  func batch(_ rows: Int, using stream: inout RandomStream) -> TokenBatch {
    var tokens: [Int] = []
    tokens.reserveCapacity(rows * (length + 1))
    for _ in 0..<rows {
      tokens.append(bos)
      tokens += row(using: &stream).tokens
    }
    return TokenBatch(tokens: tokens, batch: rows, positions: length + 1)
  }

  private func canStart(at position: Int) -> Bool { position >= max(earliest, distance) }

  private func backgroundToken(after token: Int?, _ stream: inout RandomStream) -> Int {
    switch background {
    case .uniform: stream.integer(below: vocabulary)
    case .markov(let chain): token.map { chain.next(after: $0, using: &stream) } ?? chain.first(using: &stream)
    }
  }

  // MARK: - Entropies

  /// The probability that the token at each position is a copy, exactly.
  var copiedShares: [Double] {
    // The distribution of how many tokens of a span are left before each position.
    var left = Array(repeating: 0.0, count: spans.upperBound + 1)
    left[0] = 1
    return (0..<length).map { position in
      let start = canStart(at: position) ? left[0] * rate : 0
      var next = Array(left.dropFirst()) + [0]
      let copied = left.dropFirst().reduce(0, +) + start
      next[0] += left[0] - start
      for span in spans { next[span - 1] += start / Double(spans.count) }
      left = next
      return copied
    }
  }

  /// The mean entropy of a token, in nats, for a reader who is told where spans begin, end and come from.
  ///
  /// Copies then cost nothing and other tokens what the background costs; the loss of no model is below it on average.
  var entropyGivenSpans: Double {
    let (first, later): (Double, Double) =
      switch background {
      case .uniform: (log(Double(vocabulary)), log(Double(vocabulary)))
      case .markov(let chain): (chain.unigramEntropy, chain.entropyRate)
      }
    let background = copiedShares.enumerated().map { position, share in (1 - share) * (position == 0 ? first : later) }
    return background.reduce(0, +) / Double(length)
  }
}
