// The prompts of the paper on GPT-2 small: all fifteen templates in both orders, each as often as any other, without a token
// in front, and as many of three unrelated names.

import Tensors
import Transformer

/// What the protocols run on.
enum GPT2Prompts {
  /// The sentences with fifteen templates in two orders.
  static let forms = 30

  /// What a record says of the prompts.
  static func configuration(count: Int) -> [String: ConfigurationValue] {
    [
      "prompts": .int(count), "templates": "15 in both orders, each as often as any other", "names": .int(99),
      "places": 8, "objects": 8, "bos": "none", "weights": "as stored",
      "reference": "p_ABC: the same sentences with three unrelated names",
    ]
  }

  /// The protocols on so many prompts of a seed.
  static func study(
    _ run: SeedRun, count: Int, templates: [IndirectObjectTemplate] = IndirectObjectTemplate.all,
    model: HookedTransformer? = nil, label: String = "prompts"
  ) throws -> IndirectObjectProtocol {
    let prompts = try IndirectObjectPrompts(
      count: count, templates: templates, sampling: .balanced, vocabulary: GPT2Small.tokenizer(run),
      random: run.random(label))
    return try IndirectObjectProtocol(
      model: model ?? GPT2Small.model(run), prompts: prompts, abc: prompts.abc(random: run.random("\(label), ABC")))
  }
}

extension GPT2Prompts {
  /// What a record says of knock-outs.
  static func knockOutConfiguration(count: Int) -> [String: ConfigurationValue] {
    configuration(count: count).merging(
      ["knockOut": "the mean over p_ABC within each form", "sentencesOfEachFormInTheMean": .int(sentencesOfAForm)],
      uniquingKeysWith: { first, _ in first })
  }

  /// How many sentences of a form a mean is taken over; the paper's code warns below five.
  private static let sentencesOfAForm = 10

  /// Knock-outs by means over p_ABC, as many sentences of each form, none of which is that of a prompt.
  static func knockOuts(_ run: SeedRun, _ study: IndirectObjectProtocol) throws -> IndirectObjectKnockOuts {
    try study.knockOuts(
      reference: IndirectObjectPrompts(
        count: sentencesOfAForm * forms, sampling: .balanced, vocabulary: study.prompts.vocabulary,
        random: run.random("reference")
      ).abc(random: run.random("reference, ABC")))
  }
}

extension Double {
  /// This as a part of the model's logit difference, or of one logit where it has less.
  ///
  /// A model that does not do the task has a logit difference of about nothing, and any noise would be many times that.
  func relative(to logitDifference: Double) -> Double { self / max(logitDifference, 1) }
}

extension IndirectObjectProtocol {
  /// The protocols on the first prompts alone.
  func first(_ count: Int) throws -> IndirectObjectProtocol {
    try IndirectObjectProtocol(model: model, prompts: prompts[0..<count], abc: abc[0..<count])
  }
}

extension HeadEffects {
  /// The mean change of the logit difference as a part of it, `[layer][head]`.
  var shares: [[Double]] {
    let intact = Estimate(result.baseline).mean
    return result.effect.mean(axis: 2).rows.map { $0.map { $0.relative(to: intact) } }
  }
}

extension [[Double]] {
  /// Relative changes that are none but for rounding.
  private static var rounding: Double { 1e-4 }

  /// The heads whose patching lowers the logit difference most, those first; fewer where fewer do.
  func largestDrops(_ count: Int) -> [HeadName] {
    [HeadName](headsByScore.reversed().prefix { self[$0] < -Self.rounding }.prefix(count))
  }

  /// The heads whose patching raises it most.
  func largestRises(_ count: Int) -> [HeadName] {
    [HeadName](headsByScore.prefix { self[$0] > Self.rounding }.prefix(count))
  }
}

extension [HeadName] {
  /// How many of some heads are among these.
  func count(of heads: [Writer]) -> Double { Double(self.count { heads.contains($0.writer) }) }
}

extension HeadName {
  /// The head as a part of a circuit.
  var writer: Writer { .head(layer, head) }

  /// The head that a paper names, for instance `9.6`; nil for other texts.
  init?(_ text: String) {
    let parts = text.split(separator: ".").map { Int($0) }
    guard parts.count == 2, let layer = parts[0], let head = parts[1] else { return nil }
    self.init(layer, head)
  }

  /// The name of a part of a circuit that is a head.
  init(_ writer: Writer) { self.init(writer.place.layer, writer.place.head) }
}

/// The classes of heads by their names in papers.
enum GPT2Heads {
  static let nameMovers: [Writer] = [.head(9, 9), .head(10, 0), .head(9, 6)]
  static let negative: [Writer] = [.head(10, 7), .head(11, 10)]
  static let inhibition: [Writer] = [.head(7, 3), .head(7, 9), .head(8, 6), .head(8, 10)]
  static let backups: [Writer] = [
    .head(9, 0), .head(9, 7), .head(10, 1), .head(10, 2), .head(10, 6), .head(10, 10), .head(11, 2), .head(11, 9),
  ]
  static let duplicate: [Writer] = [.head(0, 1), .head(3, 0)]
  static let induction: [Writer] = [.head(5, 5), .head(6, 9)]
  static let previousToken: [Writer] = [.head(2, 2), .head(4, 11)]
  /// Duplicate-token and induction heads, those included that the paper calls fuzzy.
  static let positionSignal: [Writer] = duplicate + induction + fuzzy
  /// Those that the paper calls fuzzy: two induction heads and a duplicate-token head.
  static let fuzzy: [Writer] = [.head(5, 9), .head(5, 8), .head(0, 10)]
  /// Heads of the same layers as the S-inhibition heads that are in no class.
  static let besideInhibition: [Writer] = [.head(7, 0), .head(7, 5), .head(8, 1), .head(8, 4)]
  /// Heads of the same layers as the name movers that are in no class.
  static let besideNameMovers: [Writer] = [.head(9, 1), .head(9, 4), .head(10, 4)]
}
