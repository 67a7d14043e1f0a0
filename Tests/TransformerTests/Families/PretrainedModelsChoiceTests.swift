// SciQ and PIQA, where a user has them: the published numbers are Pythia's after 143,000 steps, without an example.

import Foundation
import Testing

@testable import Transformer

@Suite("Pretrained models: choosing an answer")
struct PretrainedModelsChoiceTests {
  private static func lines(_ name: String) -> [Substring]? {
    ProcessInfo.processInfo.environment["REPLICATIONS_MODELS"].flatMap { folder in
      try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }?.split(separator: "\n")
  }

  private static let sciQ = lines("sciq_test.jsonl")
  private static let piqa = lines("piqa_validation.jsonl")
  static let names = ["pythia-70m", "pythia-160m", "pythia-410m"]
  private static let found = names.compactMap { name in
    PretrainedFiles.folder(name, owners: ["EleutherAI"]).map { (name: name, folder: $0) }
  }

  /// Of 300 questions a share of six in ten has a standard error of 0.028: two of them are allowed. The control reads
  /// the paragraph and the question of the next line, and falls short of what is allowed.
  @Test(
    .enabled(
      if: sciQ != nil && !found.isEmpty,
      """
      not evaluated: REPLICATIONS_MODELS/sciq_test.jsonl (the test rows of the data set allenai/sciq, an object a line) \
      and a Pythia model are wanted; `hf download EleutherAI/pythia-70m` gets the smallest
      """))
  func `300 questions on science, and their answers after other questions`() throws {
    let questions = try #require(Self.sciQ).prefix(300).map { try ChoiceQuestion(sciQ: $0) }
    try compare(questions, with: try Published.read().pythia.sciQ, within: 0.06)
  }

  /// Six in ten are published and five in ten are chance, so that more questions are asked: of 900 the standard error is
  /// 0.016, and two of them are allowed.
  @Test(
    .enabled(
      if: piqa != nil && !found.isEmpty,
      """
      not evaluated: REPLICATIONS_MODELS/piqa_validation.jsonl (the validation rows of the data set ybisk/piqa, an object \
      with goal, sol1, sol2 and label a line) and a Pythia model are wanted; `hf download EleutherAI/pythia-70m` gets the \
      smallest
      """))
  func `900 questions on the physical world, and their answers after other questions`() throws {
    let questions = try #require(Self.piqa).prefix(900).map { try ChoiceQuestion(piqa: $0) }
    try compare(questions, with: try Published.read().pythia.piqa, within: 0.033)
  }

  private func compare(
    _ questions: [ChoiceQuestion], with published: [String: Double], within tolerance: Double
  ) throws {
    for (name, folder) in Self.found {
      let expected = try #require(published[name])
      let model = try HookedTransformer(contentsOf: folder)
      let tokenizer = try Tokenizer(contentsOf: URL(filePath: folder))
      var (right, rightAfterOthers) = (0.0, 0.0)
      for (place, question) in questions.enumerated() {
        let other = questions[(place + 1) % questions.count].context
        right += try question.isAnswered(by: model, tokenizer) ? 1 : 0
        rightAfterOthers += try question.isAnswered(by: model, tokenizer, after: other) ? 1 : 0
      }
      let count = Double(questions.count)
      #expect(abs(right / count - expected) <= tolerance, "\(name)")
      #expect(rightAfterOthers / count < expected - tolerance, "\(name)")
    }
  }
}

@Suite("Scoring continuations")
struct ContinuationScoreTests {
  @Test func `questions are put as the evaluation harness puts them`() throws {
    let sciQ = try ChoiceQuestion(
      sciQ: #"{"question": "What falls?", "distractor3": "c", "distractor1": "a", "distractor2": "b", "#
        + #""correct_answer": "rain", "support": "Rain falls."}"#)
    #expect(sciQ.context == "Rain falls.\nQuestion: What falls?\nAnswer:")
    #expect(sciQ.choices == [" a", " b", " c", " rain"] && sciQ.answer == 3)
    let bare = try ChoiceQuestion(
      sciQ: #"{"question": "Q", "distractor3": "c", "distractor1": "a", "distractor2": "b", "correct_answer": "d", "#
        + #""support": ""}"#)
    #expect(bare.context == "Question: Q\nAnswer:", "nothing stands before a question without a paragraph")
    let piqa = try ChoiceQuestion(piqa: #"{"goal": "Dry it", "sol1": "Hang it up.", "sol2": "Eat it.", "label": 0}"#)
    #expect(piqa.context == "Question: Dry it\nAnswer:")
    #expect(piqa.choices == [" Hang it up.", " Eat it."] && piqa.answer == 0)
    #expect(throws: (any Error).self) { try ChoiceQuestion(sciQ: #"{"question": "Q"}"#) }
  }

  @Test func `a continuation's loss is that of its tokens, and greedy tokens are the likeliest`() throws {
    let model = try FamilyFixture("gpt-neox").model
    let context = [3, 1, 4, 1, 5]
    let score = ContinuationScore(of: [9, 2, 6], after: context, by: model)
    let losses = model.lossPerToken(TokenBatch(context + [9, 2, 6]))
    #expect(abs(score.loss - Double((4..<7).reduce(0) { $0 + losses[0, $1] })) < 1e-4)
    #expect(!score.isLikeliest)
    let greedy = try PretrainedFiles.greedy(model, context, count: 3)
    #expect(ContinuationScore(of: greedy, after: context, by: model).isLikeliest)
  }

  @Test func `the published numbers are there for every model that is looked for`() throws {
    let published = try Published.read().pythia
    #expect(Set(published.sciQ.keys) == Set(PretrainedModelsChoiceTests.names))
    #expect(Set(published.piqa.keys) == Set(PretrainedModelsChoiceTests.names))
  }
}
