// What the tape promises beyond single operations: sharing, intermediates, second use, shapes, memory.

import Testing

@testable import Tensors

@Suite("Tape")
struct TapeTests {
  @Test("a variable that is used several times sums its gradients")
  func sharedInput() {
    let tape = Tape()
    let x = tape.variable(Tensor([1, 2, 3], [3]))
    let y = (x * x + x * 3 + x.exp().log()).sum()
    #expect(tape.gradient(of: y, with: x).isApproximatelyEqual(to: Tensor([6, 8, 10], [3]), relative: 1e-6))
  }

  @Test("intermediate results have gradients, also when the tape is released")
  func intermediates() {
    for releasing in [false, true] {
      let tape = Tape()
      let x = tape.variable(Tensor([1, -2], [2]))
      let hidden = x * 2
      let active = hidden.relu()
      let loss = (active * active).sum()
      let gradients = tape.gradients(of: loss, with: [hidden, x, active, loss], releasing: releasing)
      #expect(gradients[0] == Tensor([4, 0], [2]))
      #expect(gradients[1] == Tensor([8, 0], [2]))
      #expect(gradients[2] == Tensor([4, 0], [2]))
      #expect(gradients[3] == Tensor(1))
    }
  }

  @Test("gradients can be taken again, and of other outputs, with the same bits")
  func secondUse() {
    let tape = Tape()
    var stream = RandomStream(seed: 3)
    let x = tape.variable(stream.normal([4, 5]))
    let w = tape.variable(stream.normal([5, 3]))
    let logits = x.matmul(w).gelu().layerNorm()
    let first = logits.squared().sum()
    let second = logits.logSoftmax().sum()
    let gradients = tape.gradients(of: first, with: [x, w])
    _ = tape.gradients(of: second, with: [x])
    #expect(tape.gradients(of: first, with: [x, w]) == gradients)
  }

  @Test("a released tape refuses to be used again")
  func released() async {
    await #expect(processExitsWith: .failure) {
      let tape = Tape()
      let x = tape.variable(Tensor(2))
      let y = x * x
      _ = tape.gradients(of: y, with: [x], releasing: true)
      _ = tape.gradients(of: y, with: [x])
    }
  }

  @Test("constants and detached variables stop gradients")
  func detached() {
    let tape = Tape()
    let x = tape.variable(Tensor([2, 3], [2]))
    let y = (x * x.detached * Variable(Tensor([1, 10], [2]))).sum()
    #expect(tape.gradient(of: y, with: x) == Tensor([2, 30], [2]))
    #expect(x.detached.tape == nil)
  }

  @Test("a custom rule may pass on what the true derivative would stop")
  func straightThrough() {
    let tape = Tape()
    let x = tape.variable(Tensor([-1, 2], [2]))
    let step = Variable.custom([x], result: x.value.mask { $0 > 0 }) { [$0] }
    let blocked = Variable.custom([x], result: x.value) { _ in [nil] }
    #expect(step.value == Tensor([0, 1], [2]))
    #expect(tape.gradient(of: (step * 3).sum() + blocked.sum(), with: x) == Tensor([3, 3], [2]))
  }

  @Test("a variable that the output does not depend on has zeros")
  func independent() {
    let tape = Tape()
    let x = tape.variable(Tensor(2))
    let idle = tape.variable(Tensor([1, 2], [2]))
    let y = x * x
    let later = x + 1
    #expect(tape.gradients(of: y, with: [idle, later]) == [Tensor(zeros: [2]), Tensor(0)])
  }

  @Test("different gradients never share what one of them may still change")
  func noAliasing() {
    // The sum hands one gradient to both operands; one of them is scaled in place afterwards.
    let tape = Tape()
    let x = tape.variable(Tensor([1, 2], [2]))
    let a = x * 2
    let b = x * 3
    let c = a + b
    let gradients = tape.gradients(of: c.sum(), with: [a, b, c, x])
    #expect(gradients[0] == Tensor([1, 1], [2]))
    #expect(gradients[1] == Tensor([1, 1], [2]))
    #expect(gradients[2] == Tensor([1, 1], [2]))
    #expect(gradients[3] == Tensor([5, 5], [2]))
  }

  @Test("operands on different tapes are refused")
  func differentTapes() async {
    await #expect(processExitsWith: .failure) {
      _ = Tape().variable(Tensor(1)) + Tape().variable(Tensor(1))
    }
  }

  @Test("a shape error names both shapes")
  func shapeErrors() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Variable(Tensor(zeros: [2, 3])).matmul(Variable(Tensor(zeros: [4, 5])))
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("[2, 3]") && message.contains("[4, 5]"))
  }

  @Test("NaN flows through values and gradients as IEEE arithmetic says")
  func notANumber() {
    let tape = Tape()
    let x = tape.variable(Tensor([.nan, -1, 2], [3]))
    for y in [x.relu(), x.gelu(), x.exp(), x * 2, x.topK(2)] {
      #expect(y.value[0].isNaN)
      #expect(!y.value[2].isNaN)
    }
    let gradient = tape.gradient(of: x.squared().sum(), with: x)
    #expect(gradient[0].isNaN && gradient[1] == -2)
    let spoiled = tape.gradient(of: x.softmax().sum(), with: x).elements
    #expect(spoiled.allSatisfy { $0.isNaN })
    // What a mask hides cannot spoil what it shows.
    let shown = Variable.select(where: Tensor([0, 1, 1], [3]), x.squared(), otherwise: Variable(Tensor(0)))
    #expect(tape.gradient(of: shown.sum(), with: x)[1] == -2)
  }

  @Test("empty operands have empty gradients, and empty sums are zero")
  func empty() {
    let tape = Tape()
    let a = tape.variable(Tensor(zeros: [0, 3]))
    let b = tape.variable(Tensor(ones: [3, 2]))
    let rows = a.linear(b, bias: Variable(Tensor(ones: [2]))).relu().softmax().layerNorm()
    #expect(rows.shape == [0, 2])
    let gradients = tape.gradients(of: rows.sum(), with: [a, b])
    #expect(gradients == [Tensor(zeros: [0, 3]), Tensor(zeros: [3, 2])])
    let inner = tape.variable(Tensor(zeros: [2, 0]))
    let product = inner.matmul(Variable(Tensor(zeros: [0, 4])))
    #expect(product.value == Tensor(zeros: [2, 4]))
    #expect(tape.gradient(of: product.sum(), with: inner) == Tensor(zeros: [2, 0]))
  }

  @Test("a warm training step takes no memory from the system")
  func pooledMemory() async {
    // In a process of its own: the counts are those of all tensors.
    await #expect(processExitsWith: .success) {
      var stream = RandomStream(seed: 4)
      var model = [stream.normal([16, 32]), stream.normal([32]), stream.normal([32, 8])]
      var optimizer = Adam.adamW(learningRate: 1e-3)
      let batch = Variable(stream.normal([64, 16]))
      let targets = (0..<64).map { $0 % 8 }
      func step() {
        let (_, gradients) = model.valueAndGradients { parameters in
          let hidden = batch.linear(parameters["0"], bias: parameters["1"]).layerNorm().gelu()
          return hidden.matmul(parameters["2"]).crossEntropy(targets: targets)
        }
        optimizer.update(&model, with: gradients)
      }
      for _ in 0..<3 { step() }
      let warm = StorageStatistics.current
      for _ in 0..<10 { step() }
      let after = StorageStatistics.current
      #expect(after.allocations == warm.allocations)
      #expect(after.reuses > warm.reuses)
      #expect(after.pooledBytes == warm.pooledBytes)
      // The update itself is in place: it takes no block, not even from the pool.
      let (_, gradients) = model.valueAndGradients { parameters in parameters["0"].squared().sum() }
      let before = StorageStatistics.current
      optimizer.update(&model, with: gradients)
      #expect(StorageStatistics.current.reuses == before.reuses)
      #expect(StorageStatistics.current.allocations == before.allocations)
    }
  }

  @Test("a released sweep holds fewer gradients and activations at its peak")
  func releasingFreesMemory() async {
    await #expect(processExitsWith: .success) {
      func blocks(releasing: Bool) -> Int {
        let before = StorageStatistics.current
        let tape = Tape()
        let x = tape.variable(Tensor(ones: [1000]))
        var y = x
        for _ in 0..<20 { y = y.tanh() }
        let loss = y.sum()
        y = loss
        _ = tape.gradients(of: loss, with: [x], releasing: releasing)
        let after = StorageStatistics.current
        return after.allocations - before.allocations + after.reuses - before.reuses
      }
      // The chain rule is applied in place: a sweep of 20 entries needs its seed, its first gradient, and no more.
      #expect(blocks(releasing: true) <= 26)
    }
  }
}
