// Writing on: runs that go on from a cache, and the loop that chooses token after token.

import Tensors

/// Why a text cannot be continued.
public enum GenerationError: Error, Equatable, CustomStringConvertible {
  /// There is no token to go on from.
  case emptyPrompt
  /// A row of the prompt ends in padding.
  case paddedOnRight
  /// Prompt and new tokens are more than the model can read.
  case contextExceeded(prompt: Int, new: Int, context: Int)
  /// The logits of a row are not numbers.
  case notNumbers(row: Int, step: Int)

  /// A sentence that says what was expected.
  public var description: String {
    switch self {
    case .emptyPrompt: "a prompt needs at least one token in each row"
    case .paddedOnRight: "a prompt that is padded on the right cannot be continued: pad it on the left"
    case .contextExceeded(let prompt, let new, let context):
      "a prompt of \(prompt) tokens and \(new) new ones do not fit the model's context of \(context)"
    case .notNumbers(let row, let step): "the logits of row \(row) are not numbers at the new token \(step)"
    }
  }
}

extension HookedTransformer {
  /// Runs over tokens that follow those in a cache, and adds them to it.
  ///
  /// Hooks see the new tokens only; patterns and scores are `[batch, head, new, held + new]`. When a hook throws, the
  /// cache is as it was before.
  public func run(
    _ tokens: TokenBatch, _ options: RunOptions = RunOptions(), cache: inout KeyValueCache
  ) throws -> RunResult {
    var pass = try ForwardPass(self, tokens, options, following: cache)
    pass.cache = cache.take()
    defer { if let held = pass.cache { cache = held } }
    let result = try pass.run()
    pass.cache?.advance(over: tokens)
    return result
  }

  /// The logits of each new token's successor, `[batch, new, dVocabOut]`.
  public func callAsFunction(_ tokens: TokenBatch, cache: inout KeyValueCache) -> Tensor {
    do {
      guard let logits = try run(tokens, cache: &cache).logits else { preconditionFailure("a run has logits") }
      return logits.value
    } catch {
      preconditionFailure("a run without hooks cannot fail: \(error)")
    }
  }

  /// Continues each row of a prompt by new tokens, and returns those.
  ///
  /// A row ends behind a token of `stops`, which it includes, or after `maxNewTokens`. Rows draw from streams of their
  /// own, so what one row becomes does not depend on how the others were drawn. Hooks see the whole prompt in the first
  /// run and then, with the cache, each new token alone. `onToken` is called for every token as soon as it is chosen.
  /// Throws a `GenerationError`, what a hook or `onToken` throws, and `CancellationError` when the task is cancelled.
  public func generate(
    _ prompt: TokenBatch, maxNewTokens: Int, sampling: Sampling = .greedy, stream: RandomStream = RandomStream(seed: 0),
    stopAt stops: Set<Int> = [], hooks: [Hook] = [], usingCache: Bool = true,
    onToken: ((_ row: Int, _ token: Int) throws -> Void)? = nil
  ) throws -> [[Int]] {
    precondition(configuration.direction == .causal, "only a causal transformer writes on")
    precondition(configuration.dVocabOut <= configuration.dVocab, "the model predicts tokens that it cannot read")
    guard prompt.positions > 0 else { throw GenerationError.emptyPrompt }
    guard !prompt.isPaddedOnRight else { throw GenerationError.paddedOnRight }
    // The last new token is never read.
    let longest = (prompt.positionIDs?.max() ?? prompt.positions - 1) + 1
    guard maxNewTokens < 1 || longest + maxNewTokens - 1 <= configuration.nContext else {
      throw GenerationError.contextExceeded(prompt: longest, new: maxNewTokens, context: configuration.nContext)
    }
    var options = RunOptions(hooks: hooks)
    options.logits = .last
    var cache = KeyValueCache(
      for: configuration, batch: prompt.batch, capacity: usingCache ? prompt.positions + max(maxNewTokens - 1, 0) : 0)
    var streams = (0..<prompt.batch).map { stream.derived("row", $0) }
    var rows = Array(repeating: [Int](), count: prompt.batch)
    var isDone = Array(repeating: false, count: prompt.batch)
    var tokens = prompt
    for step in 0..<max(maxNewTokens, 0) {
      try Task.checkCancellation()
      let result = usingCache ? try run(tokens, options, cache: &cache) : try run(tokens, options)
      guard let logits = result.logits?.value else { preconditionFailure("a run to the end has logits") }
      var column = Array(repeating: 0, count: prompt.batch)
      for row in 0..<prompt.batch where !isDone[row] {
        guard let token = sampling.token(logits.slice(axis: 0, at: row), from: &streams[row]) else {
          throw GenerationError.notNumbers(row: row, step: step)
        }
        column[row] = token
        rows[row].append(token)
        isDone[row] = stops.contains(token)
        try onToken?(row, token)
      }
      guard isDone.contains(false) else { break }
      tokens = usingCache ? TokenBatch(tokens: column, batch: prompt.batch, positions: 1) : tokens.appending(column)
    }
    return rows
  }

  /// Continues a prompt, token by token as they are chosen.
  ///
  /// The work is done in a task of its own, which ends when the sequence is no longer read.
  public func tokens(
    following prompt: [Int], maxNewTokens: Int, sampling: Sampling = .greedy,
    stream: RandomStream = RandomStream(seed: 0), stopAt stops: Set<Int> = []
  ) -> AsyncThrowingStream<Int, any Error> {
    AsyncThrowingStream { continuation in
      let task = Task {
        do {
          _ = try generate(
            TokenBatch(prompt), maxNewTokens: maxNewTokens, sampling: sampling, stream: stream, stopAt: stops
          ) { continuation.yield($1) }
          continuation.finish()
        } catch {
          continuation.finish(throwing: error)
        }
      }
      continuation.onTermination = { _ in task.cancel() }
    }
  }
}
