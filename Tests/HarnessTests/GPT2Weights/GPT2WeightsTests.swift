// Composition maps against products multiplied out, and curves whose shape is known.

import Foundation
import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Weights without a run")
struct GPT2WeightsTests {
  private let model = AttentionOnlyModel(layers: 3, heads: 2, width: 8, vocabulary: 6, length: 7)
    .initialized(from: RandomStream(seed: 5))

  @Test("Scores are norms of products: keys by W_QKᵀ, queries by W_QK, values by W_OV")
  func scores() throws {
    func norm(_ tensor: Tensor) -> Double { Double((tensor * tensor).sum()).squareRoot() }
    let (sender, reader) = (HeadName(0, 1), HeadName(2, 0))
    let ov = model.OV(layer: 0, head: 1).AB
    let qk = model.QK(layer: 2, head: 0).AB
    let wanted: [Composition: Tensor] = [.k: qk.transposed(), .q: qk, .v: model.OV(layer: 2, head: 0).AB]
    for (kind, circuit) in wanted {
      let map = try CompositionMap(kind, of: model)
      let expected = norm(ov.matmul(circuit)) / (norm(ov) * norm(circuit))
      #expect(abs(map[sender: sender, reader: reader] - expected) < 1e-5, "\(kind)")
      #expect(map[sender: reader, reader: sender] == 0)
    }
  }

  @Test("Readers come later, sources before, the strongest first")
  func orders() throws {
    let map = try CompositionMap(.k, of: model)
    let readers = map.readers(of: HeadName(0, 0))
    #expect(Set(readers) == Set(HeadName.all(layers: 1..<3, heads: 2)))
    let scores = readers.map { map[sender: HeadName(0, 0), reader: $0] }
    #expect(scores == scores.sorted(by: >))
    let sources = map.sources(of: HeadName(2, 1))
    #expect(Set(sources) == Set(HeadName.all(layers: 0..<2, heads: 2)))
    #expect(sources.rank(of: sources[2]) == 3 && sources.rank(of: HeadName(2, 0)) == nil)
    #expect(map.count(of: [HeadName(2, 1)], readingMost: sources[0]) == 1)
    #expect(map.count(of: [HeadName(2, 1)], readingMost: sources[1]) == 0)
    let table = map.scores(outOf: HeadName(1, 0))
    #expect(table[1][0].isNaN && table[2][1] == map[sender: HeadName(1, 0), reader: HeadName(2, 1)])
  }

  @Test("Renaming all heads of some layers counts as many of them as read the sender most")
  func renaming() throws {
    let map = try CompositionMap(.k, of: model)
    let sender = map.sources(of: HeadName(2, 0))[0]
    let all = HeadName.all(layers: 2..<3, heads: 2)
    let expected = Double(map.count(of: all, readingMost: sender))
    let drawn = map.count(
      ofAsManyAs: 2, fromLayers: 2..<3, readingMost: sender, draws: 5, RandomStream(seed: 1))
    #expect(drawn == expected && expected >= 1)
    // One of two at a time: on average half as many, in some draws none.
    let half = map.count(ofAsManyAs: 1, fromLayers: 2..<3, readingMost: sender, draws: 200, RandomStream(seed: 1))
    #expect(abs(half - expected / 2) < 0.2)
  }

  @Test("A helix has three components, two of them equal, and turns as often as it was wound")
  func helix() throws {
    let count = 400
    let points = (0..<count).flatMap { place -> [Float] in
      let angle = 2 * Float.pi * 8 * Float(place) / Float(count - 1)
      return [4 * sin(angle), 0.01 * Float(place), 0, 4 * cos(angle), 0]
    }
    let curve = try PrincipalCurve(of: Tensor(points, [count, 5]))
    #expect(curve.shares[..<3].reduce(0, +) > 0.9999)
    #expect(abs(curve.shares[1] / curve.shares[0] - 1) < 0.05)
    #expect(abs(curve.turns - 8) < 0.1)
    #expect(curve.order(along: 2) > 0.98 && curve.order(along: 0) < 0.5)
  }
}
