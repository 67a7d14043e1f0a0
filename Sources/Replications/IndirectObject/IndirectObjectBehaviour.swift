// How well a model answers: logit difference, probability of the indirect object, and how often it is preferred.

import Tensors
import Transformer

/// What a model answers to some sentences.
public struct IndirectObjectBehaviour: Sendable {
  /// The logit of the indirect object less that of the subject, of each sentence.
  public let logitDifferences: [Float]
  /// The probability of the indirect object, of each sentence.
  public let ioProbabilities: [Float]

  /// The mean logit difference.
  public var logitDifference: Estimate { Estimate(logitDifferences) }

  /// The mean probability of the indirect object.
  public var ioProbability: Estimate { Estimate(ioProbabilities) }

  /// The part of sentences in which the indirect object has a higher logit than the subject.
  public var accuracy: Estimate { Estimate(logitDifferences.map { $0 > 0 ? 1 : 0 }) }

  /// The part of sentences in which the subject has a higher logit than the indirect object.
  public var errorRate: Estimate { Estimate(logitDifferences.map { $0 < 0 ? 1 : 0 }) }

  /// Creates the answers of several batches after each other.
  init(joining parts: [IndirectObjectBehaviour]) {
    logitDifferences = parts.flatMap(\.logitDifferences)
    ioProbabilities = parts.flatMap(\.ioProbabilities)
  }

  /// Reads the answers off logits `[sentence, token]`.
  init(logits: Tensor, io: [Int], s: [Int]) {
    let width = logits.shape[1]
    let logarithms = logits.logSoftmax()
    var (differences, probabilities): ([Float], [Float]) = ([], [])
    logits.withUnsafeElements { logits in
      for row in io.indices { differences.append(logits[row * width + io[row]] - logits[row * width + s[row]]) }
    }
    logarithms.withUnsafeElements { logarithms in
      for row in io.indices { probabilities.append(logarithms[row * width + io[row]]) }
    }
    logitDifferences = differences
    ioProbabilities = Tensor(probabilities, [probabilities.count]).exp().elements
  }
}
