import Testing

@testable import Tensors

@Suite("Several threads for one computation")
struct ParallelismTests {
  @Test("ranges cover every item once, in any number of threads", arguments: [1, 2, 3, 7])
  func coverage(_ threads: Int) {
    Parallelism.$threads.withValue(threads) {
      for count in [0, 1, 5, 100, 1001] {
        var visits = [Int](repeating: 0, count: count)
        visits.withUnsafeMutableBufferPointer { buffer in
          nonisolated(unsafe) let visits = buffer
          Parallelism.forEachRange(count, grain: 3) { range in for item in range { visits[item] += 1 } }
        }
        #expect(visits.allSatisfy { $0 == 1 })
      }
    }
  }

  @Test("products, functions, normalisations and attention are the same on two threads")
  func results() {
    var stream = RandomStream(seed: 4)
    let (a, b, tall) = (stream.normal([300, 200]), stream.normal([200, 700]), stream.normal([900, 64]))
    let x = Variable(stream.normal([2, 150, 4, 16]))
    func compute() -> [Tensor] {
      [
        a.matmul(b), b.matmul(a, transposingSelf: true, transposingOther: true), a.matmul(tall.slice(axis: 0, 0..<200)),
        tall.matmul(tall, transposingOther: true), b.geluTanh(), b.layerNorm(), b.rmsNorm(),
        Variable.attention(queries: x, keys: x, values: x).output.value,
      ]
    }
    let (one, two) = (compute(), Parallelism.$threads.withValue(2) { compute() })
    for (single, double) in zip(one, two) { #expect(single.isApproximatelyEqual(to: double, absolute: 1e-4)) }
  }

  @Test("attention keeps what it is asked for, and computes the same whatever that is")
  func kept() throws {
    var stream = RandomStream(seed: 5)
    let x = Variable(stream.normal([2, 140, 3, 8]))
    let plain = Variable.attention(queries: x, keys: x, values: x)
    let all = Variable.attention(queries: x, keys: x, values: x, keeping: [.pattern, .scores])
    #expect(plain.pattern == nil && plain.scores == nil)
    let (pattern, scores) = (try #require(all.pattern), try #require(all.scores))
    #expect(all.output.value.isApproximatelyEqual(to: plain.output.value, absolute: 1e-5))
    #expect(scores.softmax().isApproximatelyEqual(to: pattern, absolute: 1e-6))
    #expect(scores[0, 0, 3, 4] == -.infinity && pattern[0, 0, 3, 4] == 0)
    let mixed = Variable.attentionMixture(pattern: Variable(pattern), values: x)
    #expect(mixed.value.isApproximatelyEqual(to: plain.output.value, absolute: 1e-5))
  }
}
