import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("The text that the model of sentences reads") struct SentenceMixtureTests {
  private let pairs = NameTask(names: SentenceMixture.nameCount)
    .divided(heldOut: SentenceMixture.heldOutPairs, RandomStream(seed: 0))

  @Test("the loss counts every next word once and the last of each row once more")
  func loss() throws {
    let mixture = try SentenceMixture(pairs: pairs.training)
    let configuration = TransformerConfiguration(
      nLayers: 1, dModel: 8, nHeads: 2, dVocab: mixture.vocabulary.count, nContext: mixture.width)
    let model = HookedTransformer(configuration, initializedFrom: RandomStream(seed: 1))
    var stream = RandomStream(seed: 2)
    let tokens = mixture.batch(5, using: &stream)
    let losses = model.lossPerToken(tokens)
    var (sum, count, last) = (0.0, 0.0, 0.0)
    for row in 0..<5 {
      let words = tokens.rows(row..<row + 1).tokens.dropFirst().prefix { $0 != mixture.bos }.count
      for word in 0..<words { sum += Double(losses[row, word]) }
      count += Double(words)
      last += Double(losses[row, words - 1]) / 5
    }
    let value = model.valueAndGradients { mixture.loss(of: model, tokens, $0) }.0
    #expect(abs(Double(value) - (sum / count + last)) < 1e-4)
  }

  @Test("three different names are followed by any of them, a repeated one by the other; held-out pairs do not occur")
  func answers() throws {
    let mixture = try SentenceMixture(pairs: pairs.training)
    let names = try Set(SentenceMixture.names.flatMap(mixture.vocabulary.tokens(of:)))
    let to = try mixture.vocabulary.tokens(of: "to")[0]
    var stream = RandomStream(seed: 3)
    let tokens = mixture.batch(2_000, using: &stream)
    var places = [0, 0, 0]
    var seen: Set<NamePair> = []
    for row in 0..<2_000 {
      let words = Array(tokens.rows(row..<row + 1).tokens.dropFirst().prefix { $0 != mixture.bos })
      let mentioned = words.filter(names.contains)
      guard mentioned.count == 4, words[words.count - 2] == to, mentioned[0] != mentioned[1] else { continue }
      if Set(mentioned.prefix(3)).count == 3 {
        let place = try #require(mentioned.prefix(3).firstIndex(of: mentioned[3]))
        places[place] += 1
      } else if mentioned[2] == mentioned[0] || mentioned[2] == mentioned[1] {
        #expect(mentioned[3] == (mentioned[2] == mentioned[0] ? mentioned[1] : mentioned[0]))
        let indices = try mentioned.prefix(2).map { name in
          try #require(
            SentenceMixture.names.firstIndex { (try? mixture.vocabulary.tokens(of: $0)) == [name] })
        }
        seen.insert(NamePair(first: min(indices[0], indices[1]), second: max(indices[0], indices[1])))
      }
    }
    #expect(places.allSatisfy { $0 > 80 })
    #expect(seen.count > 250 && seen.isDisjoint(with: pairs.heldOut))
  }

  @Test("prompts are about held-out pairs, every form as often as any other")
  func prompts() throws {
    let mixture = try SentenceMixture(pairs: pairs.training)
    let prompts = try mixture.prompts(60, of: pairs.heldOut, RandomStream(seed: 4))
    #expect(Set(prompts.forms).count == 30)
    for prompt in prompts.prompts {
      let indices = try [prompt.io, prompt.s1].map { try #require(SentenceMixture.names.firstIndex(of: $0)) }.sorted()
      #expect(pairs.heldOut.contains(NamePair(first: indices[0], second: indices[1])))
      #expect(prompt.s1 == prompt.s2)
    }
  }
}
