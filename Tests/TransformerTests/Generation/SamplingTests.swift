import Tensors
import Testing

@testable import Transformer

@Suite("Choosing the next token")
struct SamplingTests {
  private static let logits = Tensor([1.5, -0.3, 2.25, 0, 2, -4, 0.7, 1.1], [8])

  // Probabilities after TemperatureLogitsWarper, TopKLogitsWarper and TopPLogitsWarper of transformers 5.
  static let references: [(Sampling, [Float])] = [
    (
      .sample(temperature: 0.7),
      [0.1420448, 0.010856, 0.4147066, 0.0166646, 0.2901588, 5.5e-05, 0.045299, 0.0802153]
    ),
    (.sample(topK: 3), [0.2098318, 0, 0.444214, 0, 0.3459542, 0, 0, 0]),
    (.sample(temperature: 0.7, topP: 0.8), [0.1677212, 0, 0.4896701, 0, 0.3426087, 0, 0, 0]),
    (.sample(temperature: 1.3, topK: 5, topP: 0.6), [0.2353162, 0, 0.4189926, 0, 0.3456911, 0, 0, 0]),
    (.sample(topP: 0.4), [0, 0, 0.5621765, 0, 0.4378235, 0, 0, 0]),
  ]

  @Test("has Hugging Face's probabilities", arguments: references)
  func probabilities(sampling: Sampling, expected: [Float]) {
    #expect(sampling.probabilities(of: Self.logits).maximumDifference(from: Tensor(expected, [8])) < 1e-6)
  }

  @Test("draws with these probabilities", arguments: references)
  func frequencies(sampling: Sampling, expected: [Float]) throws {
    var stream = RandomStream(seed: 3)
    var counts = [Float](repeating: 0, count: 8)
    let draws = 20_000
    for _ in 0..<draws { counts[try #require(sampling.token(Self.logits, from: &stream))] += 1 }
    for (count, probability) in zip(counts, expected) {
      // Five standard deviations of a binomial count.
      let deviation = (probability * (1 - probability) / Float(draws)).squareRoot()
      #expect(abs(count / Float(draws) - probability) <= 5 * deviation)
    }
  }

  @Test("takes the first of the largest when greedy, and draws nothing")
  func greedy() {
    var stream = RandomStream(seed: 3)
    let next = {
      var copy = stream; return copy.next()
    }()
    #expect(Sampling.greedy.token(Tensor([1, 4, 4, 2], [4]), from: &stream) == 1)
    #expect(stream.next() == next)
    #expect(Sampling.greedy.probabilities(of: Tensor([1, 4, 4, 2], [4])) == Tensor([0, 1, 0, 0], [4]))
  }

  @Test("keeps the first of equal tokens")
  func ties() {
    let flat = Tensor(zeros: [6])
    #expect(Sampling.sample(topK: 2).probabilities(of: flat) == Tensor([0.5, 0.5, 0, 0, 0, 0], [6]))
    #expect(Sampling.sample(topP: 0.5).probabilities(of: flat) == Tensor([1, 1, 1, 0, 0, 0].map { $0 / 3 }, [6]))
  }

  @Test("becomes greedy as the temperature falls, at once where it nears nothing")
  func cold() {
    for temperature: Float in [1e-3, .leastNormalMagnitude] {
      let cold = Sampling.sample(temperature: temperature).probabilities(of: Self.logits)
      #expect(cold.elements == [0, 0, 1, 0, 0, 0, 0, 0])
    }
  }

  @Test(
    "chooses nothing among logits that are not numbers",
    arguments: [Sampling.greedy, .sample(), .sample(topK: 2), .sample(topP: 0.9)])
  func notNumbers(sampling: Sampling) {
    var stream = RandomStream(seed: 3)
    #expect(sampling.token(Tensor([1, .nan, 3], [3]), from: &stream) == nil)
  }
}
