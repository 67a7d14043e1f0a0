// The in-context-learning score, per-token losses, and ablations in both ways.

import Foundation
import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Induction probes") struct InductionProbeTests {
  private static let data = CopiedSpans(vocabulary: 12, length: 24, rate: 0.2)
  private static let model = AttentionOnlyModel(layers: 2, width: 16, vocabulary: 12, length: 24)

  @Test("The score is the loss of the last four tokens less that of the four around the first tenth")
  func inContextLearning() {
    let row = (0..<48).map { Float($0) }
    #expect(InductionProbe.inContextLearning(TokenLosses(rows: 1, values: row)) == 45.5 - 4.5)
  }

  @Test("Losses of tokens are those of the model, in order of rows and places")
  func losses() {
    let model = Self.model.initialized(from: RandomStream(seed: 1))
    var stream = RandomStream(seed: 2)
    let tokens = Self.data.batch(3, using: &stream)
    let losses = TokenLosses(model(tokens), tokens)
    let expected = model.lossPerToken(tokens)
    #expect(losses.rows == 3 && losses.count == 24)
    #expect(abs(losses[2, 7] - Double(expected[2, 7])) < 1e-6)
    #expect(abs(losses.mean - Double(model.loss(tokens))) < 1e-5)
  }

  @Test("An untrained model attends evenly, learns nothing in context and guesses")
  func untrained() throws {
    let probe = InductionProbe(Self.data, heldOut: 400, stream: RandomStream(seed: 3))
    var model = Self.model.initialized(from: RandomStream(seed: 1))
    for layer in 0..<2 { model.blocks[layer].attn.W_Q *= 0 }
    let reading = try probe.read(model)
    // Six tokens, four times: 1, 2 and 3 of about 10, 16 and 22 keys are right.
    let shares = (7..<25).map { (query: Int) -> Double in
      let earlier = (query - 1) / 6
      return Double(earlier) / Double(query + 1)
    }
    let expected = mean(shares)
    #expect(abs(reading.lastLayerPrefixMatching - expected) < 1e-4)
    #expect(abs(reading.inContextLearning) < 0.1 && reading.copying < 0.4)
  }

  @Test("Full ablation of an early head moves later patterns, pattern-preserving ablation does not")
  func ablation() throws {
    let model = Self.model.initialized(from: RandomStream(seed: 1))
    let tokens = InductionProbe(Self.data, stream: RandomStream(seed: 3)).heldOut
    let ablations = try HeadAblations(model, on: tokens)
    #expect(try ablations.score(without: [], .full) == ablations.intact)
    let head = HeadAblations.Head(layer: 0, head: 1)
    // Without its head's output the model is one whose W_O rows of that head are zero: full ablation by hand.
    var without = model
    let rows = model.blocks[0].attn.W_O.slice(axis: 0, 0..<8)
    without.blocks[0].attn.W_O = Tensor.concatenated([rows, Tensor(zeros: [8, 16])])
    let byHand = InductionProbe.inContextLearning(TokenLosses(without(tokens), tokens))
    let full = try ablations.score(without: [head], .full)
    let preserving = try ablations.score(without: [head], .patternPreserving)
    #expect(abs(full - byHand) < 1e-5)
    #expect(abs(preserving - full) > 1e-5 && abs(preserving - ablations.intact) > 1e-5)
    // Nothing comes after the last layer whose patterns could move.
    let last = HeadAblations.Head(layer: 1, head: 0)
    let (ofLast, kept) = (
      try ablations.score(without: [last], .full), try ablations.score(without: [last], .patternPreserving)
    )
    #expect(abs(ofLast - kept) < 1e-6 && abs(ofLast - ablations.intact) > 1e-5)
  }

  @Test("A path that goes straight on has no pivot, one that turns at a right angle has all of its way")
  func pivot() {
    let steps = [0, 10, 20]
    let straight = PerTokenLosses.pivot(of: [[0, 0], [1, 1], [2, 2]], at: steps, in: 10...20)
    #expect(straight.share == 0 && straight.angle == 0)
    let turned = PerTokenLosses.pivot(of: [[0, 0], [2, 0], [2, -1]], at: steps, in: 10...20)
    #expect(turned.share == 0.5 && turned.angle == 90)
  }

  @Test("Paths in one plane come out in it, with all of the variance")
  func plane() throws {
    let paths = [[[0.0, 0, 0], [3, 0, 0], [3, 4, 0]], [[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]]
    let (flat, explained) = try PerTokenLosses.plane(of: paths)
    #expect(abs(explained.reduce(0, +) - 1) < 1e-6)
    for (path, original) in zip(flat, paths) {
      for (start, end) in zip(path.indices, path.indices.dropFirst()) {
        func length(_ path: [[Double]]) -> Double {
          zip(path[start], path[end]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        #expect(abs(length(path) - length(original)) < 1e-5)
      }
    }
  }
}
