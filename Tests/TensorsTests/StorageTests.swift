import Tensors
import Testing

@Suite("Pooled storage")
struct StorageTests {
  /// Some work of the kind that a training step does.
  private static func step(_ weights: inout Tensor, _ input: Tensor) -> Float {
    let hidden = input.matmul(weights).relu()
    let output = hidden.matmul(weights, transposingOther: true)
    let error = output - input
    weights -= hidden.matmul(error, transposingSelf: true).transposed() * 1e-4
    return error.squared().mean(axis: 0).sum() + output.softmax().logSumExp().mean()
  }

  @Test("a warm loop of tensor operations asks nothing of the system")
  func warmLoop() async throws {
    // In a process of its own: other tests run beside this one and would be counted.
    await #expect(processExitsWith: .success) {
      var weights = Tensor.normal([20, 5], "weights") * 0.1
      let input = Tensor.normal([64, 20], "input")
      for _ in 0..<3 { _ = StorageTests.step(&weights, input) }
      let before = StorageStatistics.current
      for _ in 0..<50 { _ = StorageTests.step(&weights, input) }
      let after = StorageStatistics.current
      try #require(after.allocations == before.allocations)
      try #require(after.reuses > before.reuses + 400)
      try #require(after.pooledBytes == before.pooledBytes)
    }
  }

  @Test("tensors made, shared and freed on many tasks keep their values")
  func concurrency() async {
    let shared = Tensor.counting([100])
    let wrong = await withTaskGroup(of: Int.self) { group in
      for task in 0..<32 {
        group.addTask {
          var wrong = 0
          for round in 0..<200 {
            var mine = shared
            let other = Tensor(repeating: Float(task), [1 + (task * 37 + round * 11) % 300])
            mine += Float(task)
            if mine[50] != 50 + Float(task) || shared[50] != 50 { wrong += 1 }
            if other.elements.contains(where: { $0 != Float(task) }) { wrong += 1 }
          }
          return wrong
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }

  @Test("a block that comes back serves a tensor of another, similar size")
  func sizeClasses() async {
    await #expect(processExitsWith: .success) {
      for _ in 0..<2 { _ = Tensor(zeros: [1000]) }
      let before = StorageStatistics.current
      for size in 900...1000 { _ = Tensor(zeros: [size]) }
      // 900 … 1000 floats span two size classes: at most one more block.
      try #require(StorageStatistics.current.allocations <= before.allocations + 1)
      _ = Tensor(zeros: [0])
      try #require(StorageStatistics.current.allocations <= before.allocations + 1)
    }
  }
}
