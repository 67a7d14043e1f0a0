// Questions with several answers to choose from, as EleutherAI's evaluation harness puts them to a language model: SciQ
// (Welbl et al. 2017), where a paragraph holds the answer, and PIQA (Bisk et al. 2020), where one has to know the world.

import Foundation

@testable import Transformer

/// A context and what may follow it.
struct ChoiceQuestion: Equatable {
  let context: String
  let choices: [String]
  /// The place of the right one.
  let answer: Int

  private struct SciQ: Decodable {
    let support, question, distractor1, distractor2, distractor3, correct_answer: String
  }

  private struct PIQA: Decodable {
    let goal, sol1, sol2: String
    let label: Int
  }

  /// A line of SciQ: the paragraph, the question, and four answers of which the last is right.
  init(sciQ line: some StringProtocol) throws {
    let row = try JSONDecoder().decode(SciQ.self, from: Data(line.utf8))
    context = "\(row.support)\nQuestion: \(row.question)\nAnswer:".trimmingCharacters(in: .whitespacesAndNewlines)
    choices = [row.distractor1, row.distractor2, row.distractor3, row.correct_answer].map { " " + $0 }
    answer = 3
  }

  /// A line of PIQA: an aim, two ways to it, and which of them is the right one.
  init(piqa line: some StringProtocol) throws {
    let row = try JSONDecoder().decode(PIQA.self, from: Data(line.utf8))
    context = "Question: \(row.goal)\nAnswer:"
    choices = [" " + row.sol1, " " + row.sol2]
    answer = row.label
  }

  /// Whether a model finds the right answer the most probable one, after this context or after another one.
  func isAnswered(by model: HookedTransformer, _ tokenizer: Tokenizer, after other: String? = nil) throws -> Bool {
    let context = try tokenizer.plainTokens(other ?? context)
    let losses = try choices.map {
      ContinuationScore(of: try tokenizer.plainTokens($0), after: context, by: model).loss
    }
    return losses.indices.min { losses[$0] < losses[$1] } == answer
  }
}
