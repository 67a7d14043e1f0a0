import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Indirect object identification on names") struct NameSequencesTests {
  private let task = NameTask(names: 6)

  @Test("six names make sixty sequences, in each of which the answer stands once and the subject twice")
  func all() {
    let sequences = task.all(of: task.pairs)
    #expect(sequences.count == 60)
    #expect(Set((0..<60).map { sequences.tokens.rows($0..<$0 + 1).tokens }).count == 60)
    for row in 0..<60 {
      let tokens = sequences.tokens.rows(row..<row + 1).tokens
      #expect(tokens.first == 6 && tokens.last == 7)
      #expect(tokens.count { $0 == sequences.indirectObjects[row] } == 1)
      #expect(tokens.count { $0 == sequences.subjects[row] } == 2)
      #expect(sequences.isSubjectFirst[row] == (tokens[1] == tokens[3]))
    }
  }

  @Test("pairs that are held out occur in no sequence of training")
  func heldOut() {
    let (seen, unseen) = task.divided(heldOut: 3, RandomStream(seed: 1))
    #expect(unseen.count == 3)
    #expect(Set(seen).isDisjoint(with: unseen))
    #expect(Set(seen + unseen) == Set(task.pairs))
    var stream = RandomStream(seed: 2)
    let drawn = task.random(200, of: seen, using: &stream)
    for row in 0..<200 {
      let (io, s) = (drawn.indirectObjects[row], drawn.subjects[row])
      #expect(!unseen.contains(NamePair(first: min(io, s), second: max(io, s))))
    }
  }

  @Test("without composition a layer reads what it would read if the first had written nothing")
  func composition() throws {
    let configuration = NameModel(
      layers: 2, heads: 2, width: 8, headWidth: 4, names: 6, initialScale: 2, weightDecay: 0, steps: 0
    ).configuration
    let model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 3), biases: false)
    var silent = model
    silent.blocks[0].attn.W_O = Tensor(zeros: [8, 8])
    let tokens = task.all(of: task.pairs).tokens
    for (kind, name) in [(Composition.q, ActivationName.q), (.k, .k), (.v, .v)] {
      let hook = try model.withoutComposition(kind, on: tokens)
      var options = RunOptions(hooks: [hook], cached: .each([.q, .k, .v], layers: [1]))
      options.logits = .none
      let replaced = try model.run(tokens, options).cache
      let expected = try silent.runWithCache(tokens, names: .each(name, layers: [1])).cache
      #expect(replaced[name, layer: 1].isApproximatelyEqual(to: expected[name, layer: 1], absolute: 1e-5))
      #expect(try !model.runWithHooks(tokens, hooks: [hook]).isApproximatelyEqual(to: model(tokens), absolute: 1e-3))
    }
  }

  @Test("a head that reads names and writes them back has a copy score of one")
  func copying() throws {
    let configuration = NameModel(
      layers: 1, heads: 1, width: 8, headWidth: 8, names: 6, weightDecay: 0, steps: 0
    ).configuration
    var model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 4), biases: false)
    let identity = Tensor.identity(8)
    model.W_E = identity
    model.untiedUnembedding = identity.slice(axis: 1, 0..<6)
    model.blocks[0].attn.W_V = identity
    model.blocks[0].attn.W_O = identity
    let copying = try NameHead.all(of: model, on: task.all(of: task.pairs))[0]
    #expect(copying.copyScore() == 1 && copying.copyScore(negative: true) == 0)
    #expect(copying.positivity > 0.999 && copying.positiveShare == 1)
    model.blocks[0].attn.W_O = identity * -1
    let subtracting = try NameHead.all(of: model, on: task.all(of: task.pairs))[0]
    #expect(subtracting.copyScore() == 0 && subtracting.copyScore(negative: true) == 1)
    #expect(subtracting.positivity < -0.999 && subtracting.positiveShare == 0)
  }
}
