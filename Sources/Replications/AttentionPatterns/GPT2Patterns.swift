// GPT-2 small on random tokens that come twice, against the scores that TransformerLens's notebook prints for its 144 heads
// on the very same tokens.

import Tensors
import Transformer

struct GPT2Patterns: Experiment {
  let name = "GPT2Patterns"
  let claims = [
    "patterns.gpt2.previous", "patterns.gpt2.duplicate", "patterns.gpt2.induction", "patterns.gpt2.induction-heads",
    "patterns.gpt2.previous-token-head", "patterns.gpt2.repetition-loss", "patterns.gpt2.first-loss",
  ]
  let configuration: [String: ConfigurationValue] = [
    "tokens": "torch.manual_seed(0); randint(100, 20000, (2, 100)), twice over, without a token in front",
    "loss": "10 rows of 50 tokens from 1000 to 9999, twice over", "weights": "as stored",
  ]

  /// What the notebook prints.
  private struct Published: Decodable, Sendable {
    let repeated: [[Int]]
    let previous: [[Double]]
    let duplicate: [[Double]]
    let induction: [[Double]]
    let lossByPosition: [Double]
  }

  struct Observation: Sendable {
    var scores: RepetitionScores
    var shuffled: RepetitionScores
    var published: [HeadKind: [[Double]]]
    /// The mean loss of each predicted token over rows of 50 tokens twice, in nats, and with shuffled second halves.
    var losses: [Double]
    var shuffledLosses: [Double]
    /// The notebook's losses, on other tokens.
    var publishedLosses: [Double]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    let published = try run.published(in: "nanda2022exploratory", as: Published.self)
    let tokens = Self.notebookTokens(rows: published.repeated.count, length: published.repeated.first?.count ?? 0)
    guard tokens == published.repeated else {
      throw PublishedNumbersError(
        paper: "nanda2022exploratory", reason: "its random tokens are not those of PyTorch's generator from seed 0")
    }
    let model = try GPT2Small.model(run)
    func scores(_ rows: TokenBatch, _ length: Int) throws -> RepetitionScores {
      var options = RunOptions(cached: .each(.pattern))
      options.logits = .none
      return try RepetitionScores(model.run(rows, options).cache, rows, length: length)
    }
    let rows = RepeatedRows(tokens, bos: nil, shuffledBy: run.random("shuffled halves"))
    var stream = run.random("tokens for the loss")
    let drawn = (0..<10).map { _ in (0..<50).map { _ in 1_000 + stream.integer(below: 9_000) } }
    let short = RepeatedRows(drawn, bos: nil, shuffledBy: run.random("shuffled halves for the loss"))
    run.report(0.5)
    func losses(_ rows: TokenBatch) -> [Double] {
      // A row at a time: the logits of all ten would be 200 MB.
      let losses = (0..<rows.batch).map { model.lossPerToken(rows.rows($0..<$0 + 1)).elements.map(Double.init) }
      return losses[0].indices.map { place in mean(losses.map { $0[place] }) }
    }
    return Observation(
      scores: try scores(rows.tokens, rows.length), shuffled: try scores(rows.shuffled, rows.length),
      published: [
        .previousToken: published.previous, .duplicateToken: published.duplicate, .induction: published.induction,
      ],
      losses: losses(short.tokens), shuffledLosses: losses(short.shuffled),
      publishedLosses: published.lossByPosition)
  }

  /// The random tokens of the notebook: `torch.manual_seed(0)`, `torch.randint(100, 20000, (rows, length))`.
  static func notebookTokens(rows: Int, length: Int) -> [[Int]] {
    var generator = PyTorchGenerator(seed: 0)
    return (0..<rows).map { _ in (0..<length).map { _ in generator.integer(in: 100..<20_000) } }
  }

  func readings(_ seed: Observation) -> [Reading] {
    func distance(_ scores: [[Double]], _ kind: HeadKind) -> Double {
      scores.largestDistance(from: seed.published[kind] ?? [])
    }
    func differing(_ scores: [[Double]], above threshold: Double, _ heads: Set<HeadName>) -> Double {
      Double(scores.heads(above: threshold).symmetricDifference(heads).count)
    }
    // The loss at a place is that of the token behind it. The first token of the second half, at place 49, is as
    // random as those before: repetition begins with the next.
    func firstHalf(_ losses: [Double]) -> Double { mean(Array(losses.prefix(50))) }
    func secondHalf(_ losses: [Double]) -> Double { mean(Array(losses.dropFirst(50))) }
    let (scores, shuffled) = (seed.scores, seed.shuffled)
    return [
      Reading(
        claim: "patterns.gpt2.previous", value: distance(scores[.previousToken], .previousToken),
        control: distance(scores.twoBack, .previousToken)),
      Reading(
        claim: "patterns.gpt2.duplicate", value: distance(scores[.duplicateToken], .duplicateToken),
        control: distance(shuffled[.duplicateToken], .duplicateToken)),
      Reading(
        claim: "patterns.gpt2.induction", value: distance(scores[.induction], .induction),
        control: distance(shuffled[.induction], .induction)),
      Reading(
        claim: "patterns.gpt2.induction-heads",
        value: differing(scores[.induction], above: 0.8, Set(KeyComposition.induction)),
        control: differing(shuffled[.induction], above: 0.8, Set(KeyComposition.induction))),
      Reading(
        claim: "patterns.gpt2.previous-token-head",
        value: differing(scores[.previousToken], above: 0.9, [KeyComposition.previousToken]),
        control: differing(scores.twoBack, above: 0.9, [KeyComposition.previousToken])),
      Reading(
        claim: "patterns.gpt2.repetition-loss", value: secondHalf(seed.losses),
        control: secondHalf(seed.shuffledLosses)),
      Reading(
        claim: "patterns.gpt2.first-loss", value: firstHalf(seed.losses), control: secondHalf(seed.losses)),
    ]
  }
}
