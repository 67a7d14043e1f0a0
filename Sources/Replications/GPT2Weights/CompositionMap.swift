// Composition scores of all pairs of heads, and what they say of single heads: who reads one most, whom one reads most.

import Tensors
import Transformer

/// How much each head reads, through one of its inputs, of what each head of an earlier layer writes.
struct CompositionMap: Sendable {
  /// The input of the reader.
  let kind: Composition

  private let scores: [Double]
  private let layers: Int
  private let heads: Int

  /// The scores of a model's heads; throws unless its normalisations are folded.
  init(_ kind: Composition, of model: HookedTransformer) throws {
    self.kind = kind
    (layers, heads) = (model.configuration.nLayers, model.configuration.nHeads)
    scores = try model.allCompositionScores(kind).elements.map(Double.init)
  }

  /// The score of a pair of heads, from 0 to 1; 0 unless the reader is in a later layer.
  subscript(sender sender: HeadName, reader reader: HeadName) -> Double {
    let count = layers * heads
    return scores[(sender.layer * heads + sender.head) * count + reader.layer * heads + reader.head]
  }

  /// The heads that can read a head, those that read it most first.
  func readers(of sender: HeadName) -> [HeadName] {
    sorted(HeadName.all(layers: sender.layer + 1..<layers, heads: heads)) { self[sender: sender, reader: $0] }
  }

  /// The heads that a head can read, those that it reads most first.
  func sources(of reader: HeadName) -> [HeadName] {
    sorted(HeadName.all(layers: 0..<reader.layer, heads: heads)) { self[sender: $0, reader: reader] }
  }

  /// The heads of the layers before, those first that some readers together read most.
  func sources(of readers: [HeadName], before layer: Int) -> [HeadName] {
    sorted(HeadName.all(layers: 0..<layer, heads: heads)) { sender in
      mean(readers.map { self[sender: sender, reader: $0] })
    }
  }

  /// The scores out of one head, `[layer][head]` of the reader; not a number where it cannot be read.
  func scores(outOf sender: HeadName) -> [[Double]] {
    (0..<layers).map { layer in
      (0..<heads).map { layer > sender.layer ? self[sender: sender, reader: HeadName(layer, $0)] : .nan }
    }
  }

  /// The mean scores into some heads, `[layer][head]` of the sender; not a number where it cannot be read by all.
  func scores(into readers: [HeadName]) -> [[Double]] {
    let first = readers.map(\.layer).min() ?? 0
    return (0..<layers).map { layer in
      (0..<heads).map { head in
        layer < first ? mean(readers.map { self[sender: HeadName(layer, head), reader: $0] }) : .nan
      }
    }
  }

  /// How many of some readers have a sender as their strongest source.
  func count(of readers: [HeadName], readingMost sender: HeadName) -> Int {
    readers.count { sources(of: $0).first == sender }
  }

  /// The same count when the readers are other heads of some layers, drawn at random: the mean over many draws.
  func count(
    ofAsManyAs count: Int, fromLayers range: Range<Int>, readingMost sender: HeadName, draws: Int,
    _ stream: RandomStream
  ) -> Double {
    let candidates = HeadName.all(layers: range, heads: heads)
    let reads = candidates.map { sources(of: $0).first == sender }
    var stream = stream
    return mean(
      (0..<draws).map { _ in Double(stream.permutation(candidates.count).prefix(count).count { reads[$0] }) })
  }

  private func sorted(_ names: [HeadName], by score: (HeadName) -> Double) -> [HeadName] {
    let scored = names.map { (name: $0, score: score($0)) }
    return scored.sorted { ($1.score, $0.name) < ($0.score, $1.name) }.map(\.name)
  }
}

extension HookedTransformer {
  /// The head of some layers whose circuit W_OV has the norm nearest to that of a given head.
  func head(inLayers range: Range<Int>, withNormLike name: HeadName) -> HeadName? {
    func norm(_ name: HeadName) -> Float { OV(layer: name.layer, head: name.head).norm.scalar }
    let wanted = norm(name)
    let distances = HeadName.all(layers: range, heads: configuration.nHeads)
      .map { (name: $0, distance: (norm($0) - wanted).magnitude) }
    return distances.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
  }
}

extension [HeadName] {
  /// The place of a head in an order, counted from 1; nil where it is not in it.
  func rank(of name: HeadName) -> Int? { firstIndex(of: name).map { $0 + 1 } }
}
