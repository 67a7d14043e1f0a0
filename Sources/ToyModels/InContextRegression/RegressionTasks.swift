// Linear regression as a task to be solved in context: the data of von Oswald et al. 2022, section 3.
//
// Each task has a vector w of its own. The context shows N pairs (x, w·x) and a query x whose y is hidden (zero).

import Tensors

/// Regression tasks, each a sequence of tokens (x, y) of which the last is the query.
public struct RegressionTasks: Sendable {
  /// The tokens, `[task, position, dimension + 1]`; y is last, and zero in the query.
  public let tokens: Tensor
  /// The hidden y of each query, `[task]`.
  public let targets: Tensor

  /// Creates tasks from their tokens and targets.
  public init(tokens: Tensor, targets: Tensor) {
    precondition(
      tokens.rank == 3 && targets.shape == [tokens.shape[0]],
      "tokens of shape \(tokens.shape) for targets of shape \(targets.shape)")
    self.tokens = tokens
    self.targets = targets
  }

  /// Draws tasks with w ~ N(0, I) and x ~ U(−scale, scale).
  public init(_ count: Int, dimensions: Int, examples: Int, scale: Float = 1, using stream: inout RandomStream) {
    let (width, positions) = (dimensions + 1, examples + 1)
    var tokens = Tensor(uninitialized: [count, positions, width])
    var targets = Tensor(uninitialized: [count])
    tokens.withUnsafeMutableElements { tokens in
      targets.withUnsafeMutableElements { targets in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: dimensions) { weights in
          for task in 0..<count {
            for index in 0..<dimensions { weights[index] = stream.normal() }
            for position in 0..<positions {
              let start = (task * positions + position) * width
              var y: Float = 0
              for index in 0..<dimensions {
                let x = scale * (2 * stream.uniform() - 1)
                tokens[start + index] = x
                y += weights[index] * x
              }
              tokens[start + dimensions] = position < examples ? y : 0
              if position == examples { targets[task] = y }
            }
          }
        }
      }
    }
    self.init(tokens: tokens, targets: targets)
  }

  /// The number of tasks.
  public var count: Int { targets.count }

  /// The width of x.
  public var dimensions: Int { tokens.shape[2] - 1 }
}
