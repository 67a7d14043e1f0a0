import Foundation
import Tensors
import Testing

@Suite("Random streams")
struct RandomStreamTests {
  private struct Vectors: Decodable {
    struct Case: Decodable {
      var seed: String
      var words: [String]
    }
    var cases: [Case]
  }

  @Test("the words are those of xoshiro256++ seeded by SplitMix64")
  func vectors() throws {
    let vectors: Vectors = try Fixture.json("random/xoshiro.json")
    #expect(vectors.cases.count == 4)
    for expected in vectors.cases {
      var stream = RandomStream(seed: try #require(UInt64(expected.seed)))
      #expect(expected.words.map { UInt64($0) } == expected.words.map { _ in stream.next() })
    }
  }

  @Test("a derived stream does not depend on what its parent has drawn")
  func derivation() {
    let fresh = RandomStream(seed: 3)
    var used = fresh
    for _ in 0..<100 { _ = used.next() }
    var (a, b) = (fresh.derived("weights"), used.derived("weights"))
    #expect((0..<10).allSatisfy { _ in a.next() == b.next() })
  }

  @Test("other labels, indices, parents and paths give other streams")
  func labels() {
    let root = RandomStream(seed: 7)
    let streams = [
      root, root.derived(""), root.derived("a"), root.derived("b"), root.derived("ab"), root.derived("ba"),
      root.derived("a", 0), root.derived("a", 1), root.derived("b", 0), root.derived("a").derived("b"),
      root.derived("b").derived("a"), root.derived("a").derived("a"), RandomStream(seed: 8).derived("a"),
    ]
    #expect(Set(streams.map(\.key)).count == streams.count)
    let members = (0..<10_000).map { root.derived("member", $0).key }
    #expect(Set(members).count == members.count)
  }

  @Test("uniform numbers fill [0, 1) evenly")
  func uniformity() {
    var stream = RandomStream(seed: 11)
    let (bins, draws) = (256, 1 << 18)
    var counts = [Int](repeating: 0, count: bins)
    var (smallest, largest) = (Float(1), Float(0))
    for _ in 0..<draws {
      let value = stream.uniform()
      counts[Int(value * Float(bins))] += 1
      (smallest, largest) = (min(smallest, value), max(largest, value))
    }
    let expected = Double(draws) / Double(bins)
    let statistic = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    // χ² with 255 degrees of freedom: the middle 99.99 % of its distribution.
    #expect(statistic > 178 && statistic < 348)
    #expect(smallest >= 0 && largest < 1)
  }

  @Test("streams of neighbouring members are uncorrelated")
  func independence() {
    let root = RandomStream(seed: 13)
    var (first, second) = (root.derived("member", 0), root.derived("member", 1))
    let count = 1 << 16
    let (a, b) = (first.normal([count]), second.normal([count]))
    // The correlation of independent numbers has the standard deviation 1/√n = 0.0039.
    #expect(abs(a.dot(b) / Float(count)) < 0.016)
  }

  @Test("normal numbers have the moments and the distribution of the normal law")
  func normality() {
    var stream = RandomStream(seed: 17)
    let count = 1 << 16
    let values = stream.normal([count], standardDeviation: 2).elements.map { Double($0) / 2 }.sorted()
    let n = Double(count)
    let mean = values.reduce(0, +) / n
    let moments = (2...4).map { power in values.reduce(0.0) { $0 + pow($1, Double(power)) } / n }
    // Four standard errors each: 1/√n, √(2/n), √(15/n), √(96/n).
    #expect(abs(mean) < 0.0157 && abs(moments[0] - 1) < 0.0221 && abs(moments[1]) < 0.0606)
    #expect(abs(moments[2] - 3) < 0.1531)
    let distance =
      values.enumerated().map { index, value in
        let truth = 0.5 * erfc(-value / 2.0.squareRoot())
        return max(abs(truth - Double(index) / n), abs(truth - Double(index + 1) / n))
      }.max() ?? 1
    // Kolmogorov and Smirnov at 1 in 10,000: 2.23/√n.
    #expect(distance < 2.23 / n.squareRoot())
  }

  @Test("integers are unbiased, also where the bound does not divide 2⁶⁴", arguments: [1, 2, 3, 7, 10, 1000])
  func integers(bound: Int) {
    var stream = RandomStream(seed: 19)
    let draws = 200 * max(bound, 100)
    var counts = [Int](repeating: 0, count: bound)
    for _ in 0..<draws { counts[stream.integer(below: bound)] += 1 }
    let expected = Double(draws) / Double(bound)
    let statistic = counts.reduce(0.0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    let freedom = Double(bound - 1)
    #expect(statistic <= freedom + 4 * (2 * freedom).squareRoot() + 8)
  }

  @Test("a bound of three eighths of all words shows no bias")
  func hugeBound() {
    // Words outnumber results 8 to 3: without rejection the remainders of 3 would come up as 3 : 3 : 2, or, with a
    // plain remainder of the word, low results more often than high ones.
    var stream = RandomStream(seed: 23)
    let (bound, draws) = (3 << 61, 30_000)
    var (remainders, low) = ([0, 0, 0], 0)
    for _ in 0..<draws {
      let value = stream.integer(below: bound)
      remainders[value % 3] += 1
      if value < bound / 3 { low += 1 }
    }
    // Four standard deviations of 82.
    for count in remainders + [low] { #expect(abs(count - draws / 3) < 328) }
  }

  @Test("a permutation holds each position once, and every order of three is equally likely")
  func permutations() {
    var stream = RandomStream(seed: 29)
    #expect(stream.permutation(50).sorted() == Array(0..<50))
    #expect(stream.permutation(0) == [])
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[stream.permutation(3), default: 0] += 1 }
    #expect(counts.count == 6 && counts.values.allSatisfy { abs($0 - 1000) < 130 })
  }

  @Test("tensors are filled in row-major order from the stream")
  func tensors() {
    var (a, b) = (RandomStream(seed: 31), RandomStream(seed: 31))
    #expect(a.uniform([2, 3], in: -1..<1).elements == (0..<6).map { _ in -1 + 2 * b.uniform() })
  }
}
