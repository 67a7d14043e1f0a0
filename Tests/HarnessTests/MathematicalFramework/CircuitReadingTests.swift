// Readings of circuits on heads made by hand: one that copies, one that does the opposite, a previous-token head and the
// induction head that composes with it.

import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Circuits read off weights")
struct CircuitReadingTests {
  private static let words = 8

  /// A model over eight words whose embedding is one dimension a word, and eight more for what heads write.
  ///
  /// Head 0.0 writes, to the upper dimensions, the word it attends to; its queries and keys are zero. Head 1.0 asks for the
  /// present word in the upper dimensions and writes the word it attends to; head 1.1 writes less of every word, and asks for
  /// words that are not the present one.
  private static func handMade() -> HookedTransformer {
    var model = AttentionOnlyModel(layers: 2, heads: 2, width: 16, vocabulary: words, length: 24)
      .initialized(from: RandomStream(seed: 5))
    func matrix(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Float) -> Tensor {
      Tensor((0..<rows).flatMap { row in (0..<columns).map { value(row, $0) } }, [rows, columns])
    }
    // The beginning of a row is one more that can be read, and is nothing here.
    model.W_E = matrix(words + 1, 16) { $0 == $1 && $0 < words ? 1 : 0 }
    model.untiedUnembedding = matrix(16, words) { $0 == $1 ? 1 : 0 }
    let (lower, upper) = (matrix(16, 8) { $0 == $1 ? 1 : 0 }, matrix(16, 8) { $0 == $1 + 8 ? 1 : 0 })
    let nothing = Tensor(zeros: [16, 8])
    func side(_ first: Tensor, _ second: Tensor) -> Tensor { Tensor.concatenated([first, second], axis: 1) }
    model.blocks[0].attn.W_Q = side(nothing, nothing)
    model.blocks[0].attn.W_K = side(nothing, nothing)
    model.blocks[0].attn.W_V = side(lower, nothing)
    model.blocks[0].attn.W_O = Tensor.concatenated([upper.transposed(), Tensor(zeros: [8, 16])])
    model.blocks[1].attn.W_Q = side(lower, lower * -1)
    model.blocks[1].attn.W_K = side(upper, upper)
    model.blocks[1].attn.W_V = side(lower, lower * -1)
    model.blocks[1].attn.W_O = Tensor.concatenated([lower.transposed(), lower.transposed()])
    return model
  }

  private static func reading(of model: HookedTransformer) throws -> CircuitReading {
    let data = CopiedSpans(vocabulary: words, length: 24, rate: 0.2)
    var stream = RandomStream(seed: 6)
    return try CircuitReading(
      of: model,
      CircuitReading.Probe(
        repeated: RepeatedTokens(
          from: Array(0..<words), bos: words, length: 6, repeats: 3, rows: 2, stream: RandomStream(seed: 7)),
        text: data.batch(2, using: &stream), random: RandomStream(seed: 8)))
  }

  @Test(
    "A head that copies and matches is found, one that does the opposite is not, and one of the first layer cannot be")
  func eigenvalues() throws {
    let reading = try Self.reading(of: Self.handMade())
    #expect(abs(reading.heads[0].copying - 1) < 1e-4 && abs(reading.heads[0].matching - 1) < 1e-4)
    // Through the head that writes nothing there is nothing to match, which is more than the opposite.
    #expect(abs(reading.heads[1].copying + 1) < 1e-4 && reading.heads[1].matching < 0.1)
    #expect(reading.firstHeads.count == 2 && reading.firstHeads.allSatisfy { $0.matching == 0 })
    #expect(reading.allHeads.count == 4)
    #expect(reading.inductionHeadsByWeights(above: 0.9) == [0] && reading.bestHeadByWeights == 0)
  }

  @Test("Keys read the head that writes what they look at, and the other one not at all")
  func composition() throws {
    let reading = try Self.reading(of: Self.handMade())
    let keys = try #require(reading.compositions[.k])
    #expect(abs(keys[0][0] - 1 / 8.0.squareRoot()) < 1e-4 && !(keys[1][0] > 1e-6))
  }

  @Test("The lead of a source is over all other sources, at the reader where it is least")
  func lead() throws {
    var model = Self.handMade()
    // The second head of the first layer writes what the first one does, half as much, so that norms do not tell them apart.
    let attention = model.blocks[0].attn
    model.blocks[0].attn.W_V = Tensor.concatenated(
      [attention.W_V.slice(axis: 1, 0..<8), attention.W_V.slice(axis: 1, 0..<8) * 0.5], axis: 1)
    model.blocks[0].attn.W_O = Tensor.concatenated(
      [attention.W_O.slice(axis: 0, 0..<8), attention.W_O.slice(axis: 0, 0..<8)])
    let equal = try Self.reading(of: model)
    #expect(abs(equal.lead(of: 0)) < 1e-3 && abs(equal.lead(of: 1)) < 1e-3)
  }

  @Test("Agreement is what both choose of what either chooses")
  func agreement() {
    func head(_ copying: Double, _ matching: Double, _ prefix: Double) -> CircuitReading.Head {
      CircuitReading.Head(copying: copying, matching: matching, prefixMatching: prefix)
    }
    let heads = [head(1, 1, 0.8), head(1, 0, 0.1), head(0, 1, 0.1), head(0.99, 0.95, 0.7), head(1, 0, 0)]
    func agreement(_ rule: (CircuitReading.Head) -> Bool) -> Double {
      CircuitReading.Head.agreement(on: heads, rule) { $0.prefixMatching > 0.3 }
    }
    #expect(agreement { $0.leastScore > 0.9 } == 1)
    #expect(agreement { $0.copying > 0.9 } == 0.5)
    #expect(agreement { $0.copying > 2 } == 0)
  }

  @Test("Of one layer: a head that copies scores 1, one that does the opposite −1, and Σλ is the trace")
  func oneLayer() throws {
    var model = AttentionOnlyModel(layers: 1, heads: 2, width: 16, vocabulary: Self.words, length: 24)
      .initialized(from: RandomStream(seed: 5))
    let made = Self.handMade()
    (model.W_E, model.untiedUnembedding) = (made.W_E, made.untiedUnembedding)
    model.blocks[0].attn.W_V = made.blocks[1].attn.W_V
    model.blocks[0].attn.W_O = made.blocks[1].attn.W_O
    let circuits = try OneLayerCopying.circuits(of: model)
    #expect(zip(circuits.scores, [1.0, -1]).allSatisfy { abs($0 - $1) < 1e-4 })
    #expect(circuits.copyingShare == 0.5 && circuits.traceError < 1e-5)
    // Outputs moved round by one: no word raises itself, and the trace of the one is not the other's.
    let moved = model.permutingOutputs((0..<Self.words).map { ($0 + 1) % Self.words })
    #expect(try OneLayerCopying.circuits(of: moved).scores.allSatisfy { abs($0) < 1e-4 })
    #expect(try OneLayerCopying.circuits(of: model, diagonalsOf: moved).traceError > 0.5)
  }
}
