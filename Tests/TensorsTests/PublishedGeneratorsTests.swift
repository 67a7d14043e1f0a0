import Tensors
import Testing

@Suite("The draws of NumPy and PyTorch")
struct PublishedGeneratorsTests {
  private struct NumPyFile: Decodable {
    struct Case: Decodable {
      var seed: UInt32
      var words: [UInt32]
      var uniform: [Double]
      var integersBelow10: [Int]
      var integersMinus7To1000: [Int]
      var integersBelow2To40: [Int]
      var normal: [Double]
      var permutationOf33: [Int]
      var shuffled20: [Int]
      var mixed: [Double]

      enum CodingKeys: String, CodingKey {
        case seed, words, uniform, normal, mixed
        case integersBelow10 = "integers_below_10"
        case integersMinus7To1000 = "integers_minus_7_to_1000"
        case integersBelow2To40 = "integers_below_2_to_40"
        case permutationOf33 = "permutation_of_33"
        case shuffled20 = "shuffled_20"
      }
    }
    var cases: [Case]
  }

  private struct TorchFile: Decodable {
    struct Case: Decodable {
      var seed: UInt64
      var uniform: [Float]
      var integersBelow10: [Int]
      var integersMinus7To1000: [Int]
      var integersBelow2To30: [Int]
      var integersBelow2To40: [Int]
      var normal9: [Float]
      var normal16: [Float]
      var normal37: [Float]
      var permutationOf33: [Int]
      var mixed: [[Float]]

      enum CodingKeys: String, CodingKey {
        case seed, uniform, mixed
        case integersBelow10 = "integers_below_10"
        case integersMinus7To1000 = "integers_minus_7_to_1000"
        case integersBelow2To30 = "integers_below_2_to_30"
        case integersBelow2To40 = "integers_below_2_to_40"
        case normal9 = "normal_9"
        case normal16 = "normal_16"
        case normal37 = "normal_37"
        case permutationOf33 = "permutation_of_33"
      }
    }
    var cases: [Case]
  }

  private func times<Value>(_ count: Int, _ draw: () -> Value) -> [Value] { (0..<count).map { _ in draw() } }

  private func agree(_ left: [Float], _ right: [Float]) -> Bool {
    left.count == right.count && zip(left, right).allSatisfy { abs($0 - $1) <= 2e-6 * max(abs($1), 1) }
  }

  @Test("the first seed of the original authors gives their published words")
  func authors() {
    var generator = MersenneTwister(seed: 5489)
    let words = times(10_000) { generator.next32() }
    #expect(words[0] == 3_499_211_612 && words[9_999] == 4_123_659_995)
  }

  @Test("NumPy's RandomState, number for number")
  func numPy() throws {
    let file: NumPyFile = try Fixture.json("random/numpy.json")
    #expect(file.cases.count == 4)
    for expected in file.cases {
      var words = MersenneTwister(seed: expected.seed)
      #expect(times(expected.words.count) { words.next32() } == expected.words)
      func state() -> NumPyRandomState { NumPyRandomState(seed: expected.seed) }
      var draws = state()
      #expect(times(8) { draws.uniform() } == expected.uniform)
      draws = state()
      #expect(times(24) { draws.integer(in: 0..<10) } == expected.integersBelow10)
      draws = state()
      #expect(times(24) { draws.integer(in: -7..<1000) } == expected.integersMinus7To1000)
      draws = state()
      #expect(times(8) { draws.integer(in: 0..<1 << 40) } == expected.integersBelow2To40)
      draws = state()
      #expect(zip(times(9) { draws.normal() }, expected.normal).allSatisfy { abs($0 - $1) <= 1e-15 * abs($1) })
      draws = state()
      #expect(draws.permutation(33) == expected.permutationOf33)
      draws = state()
      var elements = Array(0..<20)
      draws.shuffle(&elements)
      #expect(elements == expected.shuffled20)
      draws = state()
      let mixed = [draws.normal(), Double(draws.integer(in: 0..<5)), draws.uniform(), draws.normal(), draws.normal()]
      #expect(zip(mixed, expected.mixed).allSatisfy { abs($0 - $1) <= 1e-15 * abs($1) })
    }
  }

  @Test("PyTorch's CPU generator, number for number, normal ones to rounding")
  func pyTorch() throws {
    let file: TorchFile = try Fixture.json("random/torch.json")
    #expect(file.cases.count == 4)
    for expected in file.cases {
      func seeded() -> PyTorchGenerator { PyTorchGenerator(seed: expected.seed) }
      var draws = seeded()
      #expect(times(expected.uniform.count) { draws.uniform() } == expected.uniform)
      draws = seeded()
      #expect(times(24) { draws.integer(in: 0..<10) } == expected.integersBelow10)
      draws = seeded()
      #expect(times(24) { draws.integer(in: -7..<1000) } == expected.integersMinus7To1000)
      draws = seeded()
      #expect(times(8) { draws.integer(in: 0..<1 << 30) } == expected.integersBelow2To30)
      draws = seeded()
      #expect(times(8) { draws.integer(in: 0..<1 << 40) } == expected.integersBelow2To40)
      draws = seeded()
      #expect(agree(draws.normals(9), expected.normal9))
      draws = seeded()
      #expect(agree(draws.normals(16), expected.normal16))
      draws = seeded()
      #expect(agree(draws.normals(37), expected.normal37))
      draws = seeded()
      #expect(draws.permutation(33) == expected.permutationOf33)
      draws = seeded()
      #expect(agree(draws.normals(3), expected.mixed[0]))
      #expect(times(2) { draws.uniform() } == expected.mixed[1])
      #expect(agree(draws.normals(17), expected.mixed[2]))
      #expect(draws.permutation(5).map { Float($0) } == expected.mixed[3])
    }
  }
}
