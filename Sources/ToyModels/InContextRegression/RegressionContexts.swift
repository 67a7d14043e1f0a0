// What two layers of linear self-attention see of a regression task: S = Σⱼ cⱼcⱼᵀ of its context, and the query.

import Tensors

/// Regression tasks by the second moments of their contexts.
public struct RegressionContexts: Sendable {
  /// S of each task without its query, `[task, width, width]`.
  public let moments: Tensor
  /// The query's tokens, `[task, width]`; their y is zero.
  public let queries: Tensor
  /// The hidden y of each query, `[task]`.
  public let targets: Tensor

  /// Sums the outer products of each task's context.
  public init(_ tasks: RegressionTasks) {
    let (count, positions, width) = (tasks.tokens.shape[0], tasks.tokens.shape[1], tasks.tokens.shape[2])
    var moments = Tensor(zeros: [count, width, width])
    moments.withUnsafeMutableElements { moments in
      tasks.tokens.withUnsafeElements { tokens in
        for task in 0..<count {
          for position in 0..<positions - 1 {
            let token = (task * positions + position) * width
            for row in 0..<width {
              let (element, start) = (tokens[token + row], (task * width + row) * width)
              for column in 0..<width { moments[start + column] += element * tokens[token + column] }
            }
          }
        }
      }
    }
    self.moments = moments
    queries = tasks.tokens.slice(axis: 1, positions - 1..<positions).reshaped([count, width])
    targets = tasks.targets
  }

  /// The number of tasks.
  public var count: Int { targets.count }

  /// The width of a token.
  public var width: Int { queries.shape[1] }

  /// The predictions ŷ = −q·e of vectors q, `[task]`.
  public func predictions(_ directions: Tensor) -> Tensor { -(directions * queries).sum(axis: 1) }

  // MARK: - On a tape

  /// The mean squared error of vectors q.
  func loss(_ directions: Variable) -> Variable {
    ((directions * Variable(queries)).sum(axes: [1]) + Variable(targets)).squared().mean()
  }

  /// The vectors q of two layers: q = (I + W)ᵀ(e_y + M₂(I + W)S(I + W)ᵀn), W = N S Mᵀ of the first layer.
  ///
  /// `firstScores` is M and `firstOutputs` N of the first layer, `secondScores` M₂, all `[width, width]`, and `readout` n,
  /// the last row of N₂, `[1, width]`. Vectors of all tasks are rows of one matrix.
  func directions(
    firstScores M: Variable, firstOutputs N: Variable, secondScores: Variable, readout: Variable
  ) -> Variable {
    /// (I + W)ᵀ of each row.
    func transposedUpdate(_ rows: Variable) -> Variable {
      rows + applyingMoments(rows.matmul(N)).matmul(M, transposingOther: true)
    }
    /// (I + W) of each row.
    func update(_ rows: Variable) -> Variable {
      rows + applyingMoments(rows.matmul(M)).matmul(N, transposingOther: true)
    }
    var target = Tensor(zeros: [1, width])
    target[0, width - 1] = 1
    let each = Variable(Tensor(ones: [count, 1]))
    let moved = update(applyingMoments(transposedUpdate(each.matmul(readout))))
    return transposedUpdate(moved.matmul(secondScores, transposingOther: true) + Variable(target))
  }

  /// S of each task times its row, `[task, width]`.
  private func applyingMoments(_ rows: Variable) -> Variable {
    Variable.custom([rows], result: product(rows.value)) { [product($0)] }
  }

  /// S is symmetric, so that this is its own transpose.
  private func product(_ rows: Tensor) -> Tensor {
    let width = width
    var result = Tensor(uninitialized: [count, width])
    result.withUnsafeMutableElements { result in
      moments.withUnsafeElements { moments in
        rows.withUnsafeElements { rows in
          for row in 0..<count * width {
            let (start, own) = (row * width, row / width * width)
            var total: Float = 0
            for column in 0..<width { total += moments[start + column] * rows[own + column] }
            result[row] = total
          }
        }
      }
    }
    return result
  }
}
