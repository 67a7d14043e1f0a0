// A previous-token head and an induction head written by hand, and what must follow from their weights on paper.
//
// The residual stream has three parts: the token (one-hot), the position (one-hot), and the token before. Head L0H0
// moves the token of the position before into the third part; head L1H0 compares the present token with the third part
// of every key and moves the token it finds to the first part, which the unembedding reads. L0H1 and L1H1 are zero.

import Tensors
import Testing
import Transformer

@Suite("Heads written by hand")
struct HandBuiltHeadsTests {
  static let (vocabulary, context) = (8, 24)

  /// The model; scores are `sharpness` where a head matches, and an induction head writes `gain` times a token.
  static func model(sharpness: Float = 60, gain: Float = 3) -> HookedTransformer {
    let (tokens, positions, previous) = (0, vocabulary, vocabulary + context)
    let (width, head) = (2 * vocabulary + context, context)
    var configuration = TransformerConfiguration(
      nLayers: 2, dModel: width, nHeads: 2, dHead: head, dMLP: 0, dVocab: vocabulary, nContext: context)
    configuration.normalization = .none
    configuration.attentionScale = 1
    /// Ones, or another number, from rows that start at one place to columns that start at another, `count` of them.
    func map(_ rows: Int, _ columns: Int, from: Int, to: Int, _ count: Int, _ value: Float = 1) -> Tensor {
      var matrix = Tensor(zeros: [rows, columns])
      for index in 0..<count { matrix[from + index, to + index] = value }
      return matrix
    }
    // Heads lie side by side: the columns (rows of W_O) of head 0 are the first `head` ones.
    let read = { (from: Int, to: Int, count: Int, value: Float) in
      map(width, 2 * head, from: from, to: to, count, value)
    }
    let write = { (to: Int, value: Float) in map(2 * head, width, from: 0, to: to, vocabulary, value) }
    // The query of position p is the key of position p − 1.
    let before = AttentionWeights(
      W_Q: read(positions + 1, 0, context - 1, sharpness), W_K: read(positions, 0, context, 1),
      W_V: read(tokens, 0, vocabulary, 1), W_O: write(previous, 1))
    let induction = AttentionWeights(
      W_Q: read(tokens, 0, vocabulary, sharpness), W_K: read(previous, 0, vocabulary, 1),
      W_V: read(tokens, 0, vocabulary, 1), W_O: write(tokens, gain))
    return HookedTransformer(
      configuration, W_E: map(vocabulary, width, from: 0, to: tokens, vocabulary),
      W_pos: map(context, width, from: 0, to: positions, context),
      blocks: [BlockWeights(attn: before), BlockWeights(attn: induction)],
      untiedUnembedding: map(width, vocabulary, from: tokens, to: 0, vocabulary))
  }

  private let tokens: TokenBatch = [0, 1, 2, 1, 2]

  @Test("attend where their weights say")
  func patterns() throws {
    let (_, cache) = try Self.model().runWithCache(tokens, names: .each(.pattern))
    let previous = cache[.pattern, layer: 0].slice(axis: 1, at: 0).reshaped([5, 5])
    #expect(
      previous.difference(
        from: Tensor(
          [
            1, 0, 0, 0, 0,
            1, 0, 0, 0, 0,
            0, 1, 0, 0, 0,
            0, 0, 1, 0, 0,
            0, 0, 0, 1, 0,
          ], [5, 5])) < 1e-6)
    let induction = cache[.pattern, layer: 1].slice(axis: 1, at: 0).reshaped([5, 5])
    #expect(
      induction.difference(
        from: Tensor(
          [
            1, 0, 0, 0, 0,
            1 / 2, 1 / 2, 0, 0, 0,
            1 / 3, 1 / 3, 1 / 3, 0, 0,
            0, 0, 1, 0, 0,
            0, 0, 0, 1, 0,
          ], [5, 5])) < 1e-6)
  }

  @Test("attend by a softmax when they are not sharp", arguments: [0.5, 2, 4])
  func softPatterns(_ sharpness: Float) throws {
    let (_, cache) = try Self.model(sharpness: sharpness).runWithCache(tokens, names: .each(.pattern))
    let pattern = cache[.pattern, layer: 0]
    for query in 1..<5 {
      let match = Tensor(sharpness).exp().scalar
      #expect(abs(pattern[0, 0, query, query - 1] - match / (match + Float(query))) < 1e-6)
      #expect(abs(pattern[0, 0, query, query] - 1 / (match + Float(query))) < 1e-6)
    }
  }

  @Test("predict what followed the last time")
  func logits() {
    let logits = Self.model()(tokens)
    #expect(
      logits.slice(axis: 1, at: 3).difference(from: Tensor([0, 1, 3, 0, 0, 0, 0, 0], [1, 8])) < 1e-5)
    #expect(
      logits.slice(axis: 1, at: 1).difference(from: Tensor([1.5, 2.5, 0, 0, 0, 0, 0, 0], [1, 8])) < 1e-5)
  }

  @Test("are detected as what they are")
  func detected() throws {
    let model = Self.model()
    func score(_ kind: HeadPattern, _ measure: DetectionMeasure, bos: Bool = false, current: Bool = false) throws
      -> Tensor
    {
      try model.detectHead(tokens, kind, measure: measure, excludingBOS: bos, excludingCurrentToken: current)
    }
    for measure in DetectionMeasure.allCases {
      #expect(abs(try score(.previousToken, measure)[0, 0] - 0.8) < 1e-6)
      #expect(abs(try score(.previousToken, measure, current: true)[0, 0] - 1) < 1e-6)
    }
    #expect(abs(try score(.previousToken, .mul, bos: true)[0, 0] - 1) < 1e-6)
    // Without the first key, (1, 0) is no longer matched or missed: nothing differs in the three rows that are left.
    #expect(abs(try score(.previousToken, .abs, bos: true)[0, 0] - 1) < 1e-6)
    #expect(abs(try score(.induction, .mul)[1, 0] - 0.4) < 1e-6)
    // The first three rows differ by their whole attention.
    #expect(abs(try score(.induction, .abs)[1, 0] - 0.4) < 1e-6)
    #expect(abs(try score(.duplicateToken, .mul)[1, 0]) < 1e-6)
    #expect(abs(try score(.duplicateToken, .abs)[1, 0] - (1 - 7.0 / 5)) < 1e-6)
    #expect(try score(.custom(HeadPattern.induction.pattern(for: [0, 1, 2, 1, 2])), .mul) == score(.induction, .mul))
  }

  @Test("match prefixes exactly or not at all")
  func prefixMatching() throws {
    let model = Self.model()
    let repeated = RepeatedTokens(
      from: Array(1..<Self.vocabulary), bos: 0, length: 6, repeats: 3, rows: 4, stream: RandomStream(seed: 2))
    let (_, cache) = try model.runWithCache(repeated.tokens, names: .each(.pattern))
    let scores = try cache.prefixMatchingScores(repeated)
    #expect(abs(scores[1, 0] - 1) < 1e-6)
    #expect(abs(scores[0, 0]) < 1e-6)
    // A head that attends everywhere alike has, at each query, the number of targets over the number of keys.
    let shares = (7..<19).map { query in (query < 13 ? 1 : 2) / Float(query + 1) }
    let expected = shares.reduce(0, +) / 12
    #expect(abs(scores[1, 1] - expected) < 1e-6)
    #expect(try abs(cache.attentionStripe(repeated.tokens, distance: 1)[0, 0] - 1) < 1e-6)
    #expect(try abs(cache.attentionStripe(repeated.tokens, distance: 0)[0, 0] - 1.0 / 19) < 1e-6)
  }

  @Test("leave a stripe one short of a repetition back")
  func stripe() throws {
    let length = 6
    let repeated = RepeatedTokens(
      from: Array(1..<Self.vocabulary), bos: 0, length: length, repeats: 2, rows: 3, stream: RandomStream(seed: 2))
    let (_, cache) = try Self.model().runWithCache(repeated.tokens, names: .each(.pattern))
    // In the first repetition the head attends everywhere alike, in the second to the stripe.
    let L = Float(length)
    let expected: Float = (L + 1 / L + 1 / (L + 1)) / (L + 2)
    #expect(try abs(cache.inductionStripe(repeated)[1, 0] - expected) < 1e-6)
    #expect(try abs(cache.inductionStripe(repeated)[0, 0]) < 1e-6)
  }

  @Test("copy, or write the opposite, as their eigenvalues say", arguments: [3, -2])
  func copying(gain: Float) throws {
    let model = Self.model(gain: gain)
    let sign: Float = gain > 0 ? 1 : -1
    #expect(try model.copyingScores().difference(from: Tensor([0, 0, sign, 0], [2, 2])) < 1e-6)
    let values = try model.copyingEigenvalues().real.slice(axis: 0, at: 1).slice(axis: 0, at: 0)
    let expected = (0..<Self.context).map { $0 < Self.vocabulary ? gain : 0 }
    #expect(values.difference(from: Tensor(expected, [Self.context])) < 1e-5)
    let (_, cache) = try model.runWithCache(tokens, names: .each(.v))
    let shares = try cache.copyingShares(of: model, tokens, start: 1)
    #expect(abs(shares[1, 0] - (gain > 0 ? 1 : 0)) < 1e-6)
    #expect(shares[0, 0] == 0)
  }

  @Test("match tokens only through the previous-token head")
  func matching() throws {
    let model = Self.model()
    #expect(try model.matchingScores() == Tensor(zeros: [2, 2]))
    #expect(
      try model.matchingScores(throughLayer: 0, head: 0).difference(from: Tensor([0, 0, 1, 0], [2, 2])) < 1e-6)
  }

  @Test("compose by keys alone")
  func composition() throws {
    let model = Self.model()
    var expected = Tensor(zeros: [2, 2, 2, 2])
    #expect(try model.allCompositionScores(.q) == expected)
    #expect(try model.allCompositionScores(.v) == expected)
    expected[0, 0, 1, 0] = 1 / Float(Self.vocabulary).squareRoot()
    #expect(try model.allCompositionScores(.k).difference(from: expected) < 1e-6)
  }

  @Test("add to the logit difference what they write")
  func attribution() throws {
    let model = Self.model()
    let (_, cache) = try model.runWithCache(tokens)
    let heads = try cache.directLogitAttribution(
      of: model, by: .head, tokens: [2], incorrectTokens: [1], position: 3)
    let values = Dictionary(uniqueKeysWithValues: zip(heads.labels, heads.values.elements))
    #expect(
      values == ["L0H0": 0, "L0H1": 0, "L1H0": 3, "L1H1": 0, "embed": -1, "pos_embed": 0, "bias": 0])
    #expect(heads.total.elements == [2])
    #expect(heads.top(1).first?.label == "L1H0")
    let components = try cache.directLogitAttribution(of: model, by: .component, tokens: [2], position: 3)
    #expect(components.labels == ["embed", "pos_embed", "0_attn_out", "1_attn_out"])
    #expect(components.values.elements == [0, 0, 0, 3])
  }
}
