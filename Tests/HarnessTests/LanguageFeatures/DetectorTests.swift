// How units are scored against known variables: on numbers small enough to count by hand.

import Foundation
import Tensors
import Testing
import Transformer

@testable import Replications

@Suite("Detectors of variables") struct DetectorTests {
  /// Two variables, of which words carry one bit each.
  private func labels(_ masks: [UInt32]) -> VariableLabels {
    let variables = ["a", "b"].map {
      LanguageVariable(name: $0, group: .number, isOfContext: true) { _, _ in false }
    }
    return VariableLabels(variables, masks: masks)
  }

  @Test("A unit that is a variable scores 1, and the choice made on one half is scored on the other")
  func perfect() {
    // Words 0–3 choose, words 4–7 score. Unit 1 is variable a at first; later it misses one of two.
    let units = Tensor([0, 2, 0, 0, 0, 3, 5, 0, 0, 2, 0, 0, 0, 0, 5, 1], [8, 2])
    let best = Detector.best(in: units, for: labels([1, 0, 1, 0, 1, 0, 1, 0]), sides: .active)
    #expect(best[0].unit == 1)
    #expect(best[0].threshold == 2)
    #expect(best[0].chosenScore == 1)
    #expect(abs(best[0].score - 2.0 / 3) < 1e-12)
  }

  @Test("F1 counts misses and false alarms alike")
  func f1() {
    #expect(Detector.f1(hits: 3, fired: 4, held: 6) == 0.6)
    #expect(Detector.f1(hits: 0, fired: 0, held: 0) == 0)
  }

  @Test("Neurons may count from below, features only while they are active")
  func sides() {
    let units = Tensor([-1, 4, -2, 3, -1, 4, -2, 3], [8, 1])
    let labels = labels([2, 0, 2, 0, 2, 0, 2, 0])
    let both = Detector.best(in: units, for: labels, sides: .both)
    #expect(both[1].score == 1 && !both[1].isAbove && both[1].threshold == -1)
    // Among active words none is b: no detector is better than none.
    #expect(Detector.best(in: units, for: labels, sides: .active)[1].score == 0)
  }

  @Test("A threshold does not part equal values")
  func ties() {
    let units = Tensor([1, 1, 1, 1, 1, 1, 1, 1], [8, 1])
    let best = Detector.best(in: units, for: labels([1, 0, 0, 0, 1, 0, 0, 0]), sides: .both)
    #expect(best[0].chosenScore == 0.4)
    #expect(best[0].score == 0.4)
  }

  @Test("Means are taken over groups first")
  func means() {
    let language = AgreementLanguage()
    var stream = RandomStream(seed: 1)
    let labels = VariableLabels(language.batch(20, length: 40, using: &stream), of: language)
    // One unit for each variable but the last eight, the names.
    let units = Tensor(
      labels.masks.flatMap { mask in (0..<13).map { Float(mask >> UInt32($0) & 1) } }, [labels.masks.count, 13])
    let scores = DetectorScores(units, labels, sides: .active)
    #expect(scores.mean(of: .wordClass) == 1 && scores.mean(of: .number) == 1 && scores.mean(of: .depth) == 1)
    let names = scores.mean(of: .name)
    #expect(names < 0.5)
    #expect(abs(scores.overall - (3 + names) / 4) < 1e-12)
    #expect(abs(scores.ofContext - (2 + names) / 3) < 1e-12)
  }
}

@Suite("Variables of the language") struct LanguageVariableTests {
  @Test("Labels leave the beginning of a row out and follow its words")
  func labels() throws {
    let language = AgreementLanguage()
    let text = ["the", "cats", "that", "Ada", "sees", "hear", "."]
    let row = try [language.bos] + text.map { word in try #require(language.words.firstIndex { $0.text == word }) }
    let labels = VariableLabels(TokenBatch([row]), of: language)
    #expect(labels.masks.count == text.count)
    func holding(_ name: String) -> [String] {
      let index = labels.index(of: name)
      return text.indices.filter { labels[index, $0] }.map { text[$0] }
    }
    #expect(holding("noun") == ["cats"])
    #expect(holding("plural noun") == ["cats"])
    #expect(holding("plural verb due") == ["cats", "sees"])
    #expect(holding("singular verb due") == ["Ada"])
    #expect(holding("depth 1") == ["that", "Ada"])
    #expect(holding("Ada likely") == ["hear", "."])
    #expect(holding("Ben likely").isEmpty)
  }
}

@Suite("Changes of a verb's number") struct NumberChangeTests {
  private let language = AgreementLanguage()

  private func logarithms(_ probabilities: [[Double]]) -> Tensor {
    Tensor(probabilities.flatMap { $0.map(Float.init) }, [probabilities.count, language.words.count]).log()
  }

  @Test("The two parts are the whole divergence")
  func chainRule() {
    var stream = RandomStream(seed: 5)
    func draw() -> [Double] {
      let weights = language.words.map { _ in stream.uniformDouble() + 0.01 }
      return weights.map { $0 / weights.reduce(0, +) }
    }
    let (p, q) = (draw(), draw())
    let change = NumberChange(from: logarithms([p]), to: logarithms([q]), of: language)
    let whole = zip(p, q).reduce(0) { $0 + $1.0 * (log($1.0) - log($1.1)) }
    #expect(abs(change.divergence - whole) < 1e-5)
    #expect(change.inNumber > 0 && change.inNumber < whole)
  }

  @Test("Exchanging the forms of every verb is all number, and flips it")
  func numberOnly() {
    let p = language.words.map { $0.wordClass != .verb ? 0.4 / 35 : $0.number == .singular ? 0.09 : 0.01 }
    let q = language.words.map { $0.wordClass != .verb ? 0.4 / 35 : $0.number == .singular ? 0.01 : 0.09 }
    let change = NumberChange(from: logarithms([p]), to: logarithms([q]), of: language)
    #expect(abs((change.shareInNumber ?? 0) - 1) < 1e-5)
    #expect(change.flips == 1)
    #expect(NumberChange(from: logarithms([q]), to: logarithms([p]), of: language).wereSingular == 0)
  }

  @Test("Exchanging verbs for nouns has nothing to do with number")
  func wordOnly() {
    let p = language.words.map { $0.wordClass == .verb ? 0.05 : 0.4 / 35 }
    let q = language.words.map { $0.wordClass == .verb ? 0.01 : 0.88 / 35 }
    let change = NumberChange(from: logarithms([p]), to: logarithms([q]), of: language)
    #expect(abs(change.shareInNumber ?? 1) < 1e-5)
    #expect(change.flips == 0)
  }
}
