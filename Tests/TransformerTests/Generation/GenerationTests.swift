import Tensors
import Testing

@testable import Transformer

@Suite("Generation")
struct GenerationTests {
  private static let drawn = Sampling.sample(temperature: 0.9, topK: 8, topP: 0.95)

  @Test("writes the same with a cache and without", arguments: ZooModel.causal)
  func equalsUncached(kind: ZooModel) throws {
    let model = kind.model
    let prompt = TokenBatch([[1, 2, 3, 4], [5, 6], [7, 8, 9]], padding: 0, on: .left)
    for sampling in [Sampling.greedy, Self.drawn] {
      let cached = try model.generate(prompt, maxNewTokens: 12, sampling: sampling, stream: RandomStream(seed: 8))
      let uncached = try model.generate(
        prompt, maxNewTokens: 12, sampling: sampling, stream: RandomStream(seed: 8), usingCache: false)
      #expect(cached == uncached)
      #expect(cached.allSatisfy { $0.count == 12 })
    }
  }

  @Test("is the likeliest continuation, token by token")
  func greedy() throws {
    let model = ZooModel.named("neox")
    var text = [3, 1, 4]
    for _ in 0..<10 {
      text.append(model(TokenBatch(text)).slice(axis: 1, at: text.count - 1).argmax())
    }
    #expect(try model.generate([3, 1, 4], maxNewTokens: 10) == [Array(text.dropFirst(3))])
  }

  @Test("depends on the seed alone, and not on the other rows")
  func seeded() throws {
    let model = ZooModel.named("gpt2")
    func text(_ rows: [[Int]], seed: UInt64) throws -> [[Int]] {
      try model.generate(TokenBatch(rows), maxNewTokens: 12, sampling: .sample(), stream: RandomStream(seed: seed))
    }
    let pair = try text([[1, 2], [3, 4]], seed: 1)
    #expect(try text([[1, 2], [3, 4]], seed: 1) == pair)
    #expect(try text([[1, 2], [3, 4]], seed: 2) != pair)
    #expect(try text([[1, 2]], seed: 1) == [pair[0]])
  }

  @Test("ends a row behind a token at which it stops")
  func stops() throws {
    let model = ZooModel.named("gpt2")
    let prompt = TokenBatch([[1, 2], [3, 4]])
    let free = try model.generate(prompt, maxNewTokens: 12, sampling: .sample(), stream: RandomStream(seed: 1))
    let stop = free[0][3]
    let ended = try model.generate(
      prompt, maxNewTokens: 12, sampling: .sample(), stream: RandomStream(seed: 1), stopAt: [stop])
    for (row, whole) in zip(ended, free) {
      #expect(row == whole.firstIndex(of: stop).map { Array(whole[...$0]) } ?? whole)
    }
  }

  @Test("reports each token as it is chosen, and ends with what the report throws")
  func reports() throws {
    struct Enough: Error {}
    let model = ZooModel.named("gpt2")
    var seen: [[Int]] = [[], []]
    let rows = try model.generate(TokenBatch([[1], [2]]), maxNewTokens: 5) { seen[$0].append($1) }
    #expect(seen == rows)
    var count = 0
    #expect(throws: Enough.self) {
      try model.generate([1], maxNewTokens: 5) { _, _ in
        count += 1
        if count == 3 { throw Enough() }
      }
    }
    #expect(count == 3)
  }

  @Test("comes as a sequence that can be left early")
  func sequence() async throws {
    let model = ZooModel.named("gpt2")
    let whole = try model.generate([1, 2], maxNewTokens: 8)[0]
    var tokens: [Int] = []
    for try await token in model.tokens(following: [1, 2], maxNewTokens: 8) { tokens.append(token) }
    #expect(tokens == whole)
    for try await token in model.tokens(following: [1, 2], maxNewTokens: 8) {
      #expect(token == whole[0])
      break
    }
    await #expect(throws: GenerationError.emptyPrompt) {
      for try await _ in model.tokens(following: [], maxNewTokens: 8) {}
    }
  }

  @Test("can be steered by hooks")
  func steering() throws {
    let model = ZooModel.named("gpt2")
    let favourite = Hook("ln_final.hook_normalized") { x, _ in
      x = Tensor(zeros: x.shape) + model.W_U.transposed().slice(axis: 0, at: 7) * 100
    }
    #expect(try model.generate([1, 2], maxNewTokens: 4, hooks: [favourite]) == [[7, 7, 7, 7]])
    #expect(throws: HookError.self) {
      try model.generate([1, 2], maxNewTokens: 4, hooks: [.replacing("hook_nonsense", with: Tensor(1))])
    }
  }

  @Test("refuses prompts it cannot go on from")
  func refusals() throws {
    let model = ZooModel.named("gpt2")
    #expect(throws: GenerationError.emptyPrompt) { try model.generate(TokenBatch([[]]), maxNewTokens: 1) }
    #expect(throws: GenerationError.paddedOnRight) {
      try model.generate(TokenBatch([[1, 2], [3]], padding: 0, on: .right), maxNewTokens: 1)
    }
    #expect(throws: GenerationError.contextExceeded(prompt: 5, new: 13, context: 16)) {
      try model.generate([1, 2, 3, 4, 5], maxNewTokens: 13)
    }
    #expect(try model.generate([1, 2, 3, 4, 5], maxNewTokens: 12)[0].count == 12)
    #expect(try model.generate([1, 2, 3, 4, 5], maxNewTokens: 0) == [[]])
    var broken = model
    broken.W_E = Tensor(repeating: .nan, broken.W_E.shape)
    #expect(throws: GenerationError.notNumbers(row: 0, step: 0)) { try broken.generate([1], maxNewTokens: 2) }
  }
}
