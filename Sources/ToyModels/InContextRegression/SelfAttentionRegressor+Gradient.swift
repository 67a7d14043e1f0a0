// The layer of von Oswald et al. 2022 forwards and backwards, with the gradient written out.
//
// With r = KᵀQ e and u the last row of PV a token counts with score eⱼ·r and value eⱼ·u, so a task costs its number of
// tokens times their width; the four matrices are met once for all tasks.

import Tensors

extension SelfAttentionRegressor {
  /// The prediction of each query's y, `[task]`.
  public func predictions(_ tasks: RegressionTasks) -> Tensor {
    var result = Tensor(uninitialized: [tasks.count])
    result.withUnsafeMutableElements { result in
      forEachTask(tasks) { task, _, _, _, prediction in result[task] = prediction }
    }
    return result
  }

  /// The squared error of each prediction, `[task]`.
  public func squaredErrors(_ tasks: RegressionTasks) -> Tensor {
    let error = predictions(tasks) - tasks.targets
    return error * error
  }

  /// The gradient of each prediction by the query's x, `[task, dimension]`.
  public func sensitivities(_ tasks: RegressionTasks) -> Tensor {
    let (width, positions) = (width, tasks.tokens.shape[1])
    var result = Tensor(uninitialized: [tasks.count, width - 1])
    let (product, readout) = (keyQuery, readout)
    result.withUnsafeMutableElements { result in
      product.withUnsafeElements { product in
        readout.withUnsafeElements { readout in
          forEachTask(tasks) { task, tokens, weights, slopes, _ in
            // The query stands in its own context: it enters as query, as key and as value.
            let query = tokens + (positions - 1) * width
            let (ownWeight, ownSlope) = (weights[positions - 1], slopes[positions - 1])
            for i in 0..<width - 1 {
              var total = ownWeight * readout[i]
              for j in 0..<width {
                var context: Float = 0
                for position in 0..<positions { context += slopes[position] * tokens[position * width + j] }
                total += product[j * width + i] * context + ownSlope * product[i * width + j] * query[j]
              }
              result[task * (width - 1) + i] = -total
            }
          }
        }
      }
    }
    return result
  }

  /// The mean squared error, and its gradient by the four matrices.
  public func gradient(_ tasks: RegressionTasks) -> (loss: Double, gradients: Gradients) {
    let (width, positions, count) = (width, tasks.tokens.shape[1], tasks.count)
    let scale = 2 / Float(count)
    var loss = 0.0
    var readoutGradient = Tensor(zeros: [1, width])
    // The slope of r, which is KᵀQ times the query, in each task.
    var querySlopes = Tensor(zeros: [count, width])
    tasks.targets.withUnsafeElements { targets in
      querySlopes.withUnsafeMutableElements { querySlopes in
        readoutGradient.withUnsafeMutableElements { readoutGradient in
          forEachTask(tasks) { task, tokens, weights, slopes, prediction in
            let error = prediction - targets[task]
            loss += Double(error * error)
            let factor = -scale * error
            for position in 0..<positions {
              let token = tokens + position * width
              let (byValue, byScore) = (factor * weights[position], factor * slopes[position])
              for index in 0..<width {
                readoutGradient[index] += byValue * token[index]
                querySlopes[task * width + index] += byScore * token[index]
              }
            }
          }
        }
      }
    }
    let product = querySlopes.matmul(queries(tasks), transposingSelf: true)
    let lastRow = P.slice(axis: 0, width - 1..<width)
    var outputGradient = Tensor(zeros: [width, width])
    let byOutput = readoutGradient.matmul(V, transposingOther: true)
    for index in 0..<width { outputGradient[width - 1, index] = byOutput[0, index] }
    let gradients = [
      Q.matmul(product, transposingOther: true), K.matmul(product),
      lastRow.matmul(readoutGradient, transposingSelf: true), outputGradient,
    ]
    return (loss / Double(count), Gradients(gradients, of: self))
  }

  /// The queries' tokens, `[task, width]`.
  private func queries(_ tasks: RegressionTasks) -> Tensor {
    let positions = tasks.tokens.shape[1]
    return tasks.tokens.slice(axis: 1, positions - 1..<positions).reshaped([tasks.count, width])
  }

  /// Calls a closure for each task with its tokens `[position, width]`, the slopes of the prediction's negative by each
  /// token's value (the attention) and by its score, and the prediction.
  @inline(__always)
  private func forEachTask(
    _ tasks: RegressionTasks,
    _ body: (
      _ task: Int, _ tokens: UnsafePointer<Float>, _ weights: UnsafeMutableBufferPointer<Float>,
      _ slopes: UnsafeMutableBufferPointer<Float>, _ prediction: Float
    ) -> Void
  ) {
    let (width, positions) = (width, tasks.tokens.shape[1])
    precondition(tasks.tokens.shape[2] == width, "tokens of width \(tasks.tokens.shape[2]) for a layer of \(width)")
    let (directions, readout) = (queries(tasks).matmul(keyQuery, transposingOther: true), readout)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * positions) { memory in
      let weights = UnsafeMutableBufferPointer(rebasing: memory[..<positions])
      let slopes = UnsafeMutableBufferPointer(rebasing: memory[positions...])
      tasks.tokens.withUnsafeElements { tokens in
        directions.withUnsafeElements { directions in
          readout.withUnsafeElements { readout in
            guard let base = tokens.baseAddress else { return }
            for task in 0..<tasks.count {
              let own = base + task * positions * width
              for position in 0..<positions {
                var (score, value): (Float, Float) = (0, 0)
                for index in 0..<width {
                  let element = own[position * width + index]
                  score += element * directions[task * width + index]
                  value += element * readout[index]
                }
                weights[position] = score
                slopes[position] = value
              }
              if attention == .softmax {
                Kernels.softmax(UnsafeBufferPointer(weights), columns: positions, into: weights)
              }
              var prediction: Float = 0
              for position in 0..<positions { prediction += weights[position] * slopes[position] }
              if attention == .softmax {
                for position in 0..<positions { slopes[position] = weights[position] * (slopes[position] - prediction) }
              }
              body(task, own, weights, slopes, -prediction)
            }
          }
        }
      }
    }
  }
}
