// The ways to run a transformer: for logits, with a cache, with hooks, for a loss, for gradients.

import Tensors

extension HookedTransformer {
  /// The logits of each token's successor, `[batch, position, dVocabOut]`.
  public func callAsFunction(_ tokens: TokenBatch) -> Tensor {
    do {
      return try runWithHooks(tokens, hooks: [])
    } catch {
      preconditionFailure("a run without hooks cannot fail: \(error)")
    }
  }

  /// Runs with everything that a run can be told.
  public func run(_ tokens: TokenBatch, _ options: RunOptions = RunOptions()) throws -> RunResult {
    var pass = try ForwardPass(self, tokens, options)
    return try pass.run()
  }

  /// The logits and the activations that were asked for.
  ///
  /// With `stopAtLayer` nothing from that layer on is computed, and the first result is the residual stream that enters
  /// it. Throws when a name is no hook point or lies outside the run.
  public func runWithCache(
    _ tokens: TokenBatch, names: HookFilter = .all, stopAtLayer: Int? = nil, positions: Range<Int>? = nil
  ) throws -> (logits: Tensor, cache: ActivationCache) {
    var options = RunOptions(cached: names, stopAtLayer: stopAtLayer)
    options.cachedPositions = positions
    let result = try run(tokens, options)
    return ((result.logits ?? result.residual).value, result.cache)
  }

  /// The logits when hooks intervene.
  ///
  /// Throws what a hook throws, and when a hook names nothing or would never be called.
  public func runWithHooks(_ tokens: TokenBatch, hooks: [Hook], stopAtLayer: Int? = nil) throws -> Tensor {
    let result = try run(tokens, RunOptions(hooks: hooks, stopAtLayer: stopAtLayer))
    return (result.logits ?? result.residual).value
  }

  /// The value of a scalar of the logits, with its gradient at each activation that is named.
  ///
  /// `metric` turns the logits into one number. Gradients have the shapes of their activations; they are those of the
  /// activation after its hooks.
  public func gradients(
    _ tokens: TokenBatch, at names: HookFilter, hooks: [Hook] = [], of metric: (_ logits: Variable) throws -> Variable
  ) throws -> (value: Float, activations: ActivationCache, gradients: ActivationCache) {
    let tape = Tape()
    var options = RunOptions(hooks: hooks)
    options.cached = names
    var pass = try ForwardPass(self, tokens, options, differentiated: names, tape: tape)
    let result = try pass.run()
    guard let logits = result.logits else { preconditionFailure("a run to the end has logits") }
    let value = try metric(logits)
    let points = result.cache.points
    var gradients = ActivationCache(of: configuration)
    guard value.tape != nil else {
      for point in points { gradients[point] = Tensor(zeros: result.cache[point].shape) }
      return (value.scalar, result.cache, gradients)
    }
    let variables = points.compactMap { pass.table.variables[$0] }
    for (point, gradient) in zip(points, tape.gradients(of: value, with: variables, releasing: true)) {
      gradients[point] = gradient
    }
    return (value.scalar, result.cache, gradients)
  }

  // MARK: - Loss

  /// The logits as a function of parameters, for training.
  public func logits(_ tokens: TokenBatch, parameters: Parameters) -> Variable {
    do {
      var pass = try ForwardPass(self, weights: Weights(parameters), tokens, RunOptions())
      guard let logits = try pass.run().logits else { preconditionFailure("a run to the end has logits") }
      return logits
    } catch {
      preconditionFailure("a run without hooks cannot fail: \(error)")
    }
  }

  /// The mean cross-entropy in nats of each token that has a predecessor, as a function of parameters.
  ///
  /// Tokens that are padding, or that follow padding, do not count.
  public func loss(_ tokens: TokenBatch, parameters: Parameters) -> Variable {
    // The last token of each row is predicted and predicts nothing; in a causal model nobody else reads it.
    let read = configuration.direction == .causal && tokens.positions > 1 ? tokens.droppingLast() : tokens
    let targets = HookedTransformer.nextTokens(tokens, of: read)
    do {
      var pass = try ForwardPass(self, weights: Weights(parameters), read, RunOptions())
      return try pass.crossEntropy(targets: targets, ignoring: HookedTransformer.noToken)
    } catch {
      preconditionFailure("a run without hooks cannot fail: \(error)")
    }
  }

  /// The mean cross-entropy in nats of each token that has a predecessor.
  public func loss(_ tokens: TokenBatch) -> Float {
    HookedTransformer.nextTokenLoss(Variable(self(tokens)), tokens).scalar
  }

  /// The cross-entropy in nats of each token that has a predecessor, `[batch, position − 1]`.
  ///
  /// NaN where a token does not count because it is padding or follows padding, as in the mean of `loss`.
  public func lossPerToken(_ tokens: TokenBatch) -> Tensor {
    let count = max(tokens.positions - 1, 0)
    let logarithms = self(tokens).logSoftmax()
    let targets = HookedTransformer.nextTokens(tokens, of: tokens)
    let width = configuration.dVocabOut
    var losses = Tensor(uninitialized: [tokens.batch, count])
    losses.withUnsafeMutableElements { losses in
      logarithms.withUnsafeElements { logarithms in
        for row in 0..<tokens.batch {
          for position in 0..<count {
            let at = row * tokens.positions + position
            let target = targets[at]
            precondition(
              target == HookedTransformer.noToken || target < width, "the model has no logit of token \(target)")
            losses[row * count + position] =
              target == HookedTransformer.noToken ? .nan : -logarithms[at * width + target]
          }
        }
      }
    }
    return losses
  }

  /// The mean cross-entropy of next tokens given logits `[batch, position, dVocabOut]`.
  public static func nextTokenLoss(_ logits: Variable, _ tokens: TokenBatch) -> Variable {
    logits.crossEntropy(targets: nextTokens(tokens, of: tokens), ignoring: noToken)
  }

  /// What stands for a position whose successor does not count.
  private static let noToken = -1

  /// The successor of each position of a batch, or of the leading positions of each row that were read of it.
  private static func nextTokens(_ tokens: TokenBatch, of read: TokenBatch) -> [Int] {
    var targets: [Int] = []
    targets.reserveCapacity(read.tokens.count)
    for row in 0..<tokens.batch {
      let start = row * tokens.positions
      let count = min(read.positions, max(tokens.positions - 1, 0))
      targets += tokens.tokens[start..<start + tokens.positions].dropFirst().prefix(count)
      if let mask = tokens.mask {
        for position in 0..<count where !(mask[start + position] && mask[start + position + 1]) {
          targets[row * read.positions + position] = noToken
        }
      }
      if count < read.positions { targets.append(noToken) }
    }
    return targets
  }
}
