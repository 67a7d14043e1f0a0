// The language of nested clauses: that its latent variables are those of its sentences and its probabilities those of the
// words it draws.

import Foundation
import Tensors
import Testing

@testable import Replications

@Suite("Agreement language") struct AgreementLanguageTests {
  private let language = AgreementLanguage()

  /// The tokens of a text in words, after the beginning of a row.
  private func row(_ text: String) throws -> [Int] {
    try [language.bos]
      + text.split(separator: " ").map { word in try #require(language.words.firstIndex { $0.text == word }) }
  }

  @Test("A verb agrees with the innermost subject whose verb has not come")
  func agreement() throws {
    let states = language.states(of: try row("the cats that my king that Ada sees often hears know ."))
    let numbers = states.map(\.verbNumber)
    let (s, p) = (AgreementLanguage.Number.singular, AgreementLanguage.Number.plural)
    //                     bos  the  cats that my king that Ada sees often hears know .
    let due: [AgreementLanguage.Number?] = [nil, nil, p, nil, nil, s, nil, s, s, s, p, nil, nil]
    #expect(numbers == due)
    #expect(states.map(\.depth) == [0, 0, 0, 1, 1, 1, 2, 2, 1, 1, 0, 0, 0])
  }

  @Test("The protagonist is the first name of the row, and stays")
  func protagonist() throws {
    let states = language.states(of: try row("the cat sees Ben . Ada hears Ben"))
    #expect(states.map(\.protagonist) == [nil, nil, nil, nil, 1, 1, 1, 1, 1])
    #expect(states.map(\.allowsName) == [true, false, false, true, false, true, false, true, false])
    let ben = language.probabilities(in: states[7])[try row("Ben")[1]]
    #expect(abs(ben - 0.25 * (0.75 + 0.25 / 8)) < 1e-12)
  }

  @Test("No more than two clauses are open, and each depth occurs")
  func depths() {
    var stream = RandomStream(seed: 1)
    let depths = (0..<200).flatMap { _ in language.states(of: language.row(40, using: &stream)).map(\.depth) }
    #expect(Set(depths) == [0, 1, 2])
  }

  @Test("The probabilities of the next word sum to 1 in every state")
  func sums() {
    var stream = RandomStream(seed: 2)
    for state in language.states(of: language.row(300, using: &stream)) {
      #expect(abs(language.probabilities(in: state).reduce(0, +) - 1) < 1e-12)
    }
  }

  @Test("Words are drawn with the probabilities that are stated")
  func calibration() {
    // Words are drawn from P exactly when the mean surprisal is the mean entropy of P.
    var stream = RandomStream(seed: 3)
    var (losses, entropies): ([Double], [Double]) = ([], [])
    for _ in 0..<400 {
      let row = language.row(40, using: &stream)
      for (state, next) in zip([.init()] + language.states(of: row), row) {
        let probabilities = language.probabilities(in: state)
        losses.append(-log(probabilities[next]))
        entropies.append(entropy(of: probabilities))
      }
    }
    #expect(abs(mean(losses) - mean(entropies)) < 0.03)
  }

  @Test("A verb of the other number is impossible, one of the right number is not")
  func verbs() throws {
    let state = try #require(language.states(of: try row("the cats that Ada sees")).last)
    let probabilities = language.probabilities(in: state)
    let (see, sees) = (try row("see")[1], try row("sees")[1])
    #expect(probabilities[sees] == 0 && probabilities[see] > 0.1)
  }
}
