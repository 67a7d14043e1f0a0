// A layer against a step of gradient descent: the metrics of von Oswald et al. 2022, figure 2, and what the weights of
// the layer multiply to.

import Foundation
import Tensors
import ToyModels

/// What a layer computes, compared with gradient descent on the same tasks.
struct LayerComparison: Sendable {
  /// The mean squared errors of both.
  let loss, descentLoss: Double
  /// The mean absolute difference of both predictions.
  let difference: Double
  /// The mean absolute prediction of gradient descent.
  let descentSize: Double
  /// The mean cosine of both sensitivities ∂ŷ/∂x.
  let cosine: Double
  /// The mean distance of both sensitivities.
  let distance: Double

  /// The layer's loss relative to gradient descent, less one.
  var relativeLoss: Double { loss / descentLoss - 1 }

  /// Compares a layer with gradient descent.
  init(_ layer: SelfAttentionRegressor, _ descent: SelfAttentionRegressor, on tasks: RegressionTasks) {
    let (own, other) = (layer.predictions(tasks), descent.predictions(tasks))
    loss = meanElement(own - tasks.targets) { $0 * $0 }
    descentLoss = meanElement(other - tasks.targets) { $0 * $0 }
    difference = meanElement(own - other) { abs($0) }
    descentSize = meanElement(other) { abs($0) }
    let width = tasks.dimensions
    (cosine, distance) = layer.sensitivities(tasks).withUnsafeElements { x in
      descent.sensitivities(tasks).withUnsafeElements { y in
        var (cosines, distances) = (0.0, 0.0)
        for task in 0..<tasks.count {
          var (xx, xy, yy) = (0.0, 0.0, 0.0)
          for index in task * width..<(task + 1) * width {
            let (a, b) = (Double(x[index]), Double(y[index]))
            xx += a * a
            xy += a * b
            yy += b * b
          }
          cosines += xy / max((xx * yy).squareRoot(), .leastNormalMagnitude)
          distances += max(0, xx - 2 * xy + yy).squareRoot()
        }
        return (cosines / Double(tasks.count), distances / Double(tasks.count))
      }
    }
  }
}

/// What the matrices of a layer multiply to, in terms of the construction that is gradient descent.
struct ProductWeights: Sendable {
  /// KᵀQ, `[element of a token][element of the query]`, and the last row of PV.
  let keyQuery: [[Double]]
  let readout: [Double]

  /// Reads a layer's products.
  init(_ layer: SelfAttentionRegressor) {
    let (product, width) = (layer.keyQuery, layer.width)
    keyQuery = (0..<width).map { row in (0..<width).map { Double(product[row, $0]) } }
    readout = layer.readout.elements.map(Double.init)
  }

  private var inputs: Range<Int> { 0..<readout.count - 1 }
  private var last: Double { readout.last ?? .nan }

  /// The mean diagonal of KᵀQ over inputs.
  var diagonal: Double { inputs.reduce(0) { $0 + keyQuery[$1][$1] } / Double(inputs.count) }

  /// The coefficient of variation of that diagonal.
  var variation: Double {
    let squares = inputs.reduce(0) { $0 + (keyQuery[$1][$1] - diagonal) * (keyQuery[$1][$1] - diagonal) }
    return (squares / Double(inputs.count)).squareRoot() / abs(diagonal)
  }

  /// The learning rate that the layer amounts to.
  var rate: Double { -diagonal * last }

  /// The largest |entry| of KᵀQ off its diagonal relative to the largest of all, of the columns that meet the query's
  /// inputs.
  var keyQueryElsewhere: Double {
    let entries = keyQuery.indices.flatMap { row in inputs.map { (abs(keyQuery[row][$0]), row == $0) } }
    return (entries.filter { !$0.1 }.map(\.0).max() ?? .nan) / (entries.map(\.0).max() ?? .nan)
  }

  /// The largest |entry| of the last row of PV before its last, relative to the largest of all.
  var readoutElsewhere: Double {
    (inputs.map { abs(readout[$0]) }.max() ?? .nan) / (readout.map(abs).max() ?? .nan)
  }

  /// What KᵀQ is divided by, and PV multiplied with, to have it as large as in the construction.
  var scale: Double {
    let squares = inputs.reduce(0) { sum, row in inputs.reduce(sum) { $0 + keyQuery[row][$1] * keyQuery[row][$1] } }
    return (diagonal < 0 ? -1 : 1) * (squares / Double(inputs.count)).squareRoot()
  }

  /// The larger of both.
  var elsewhere: Double { max(keyQueryElsewhere, readoutElsewhere) }
}

/// The mean of a function of a tensor's elements, in double precision.
func meanElement(_ tensor: Tensor, of transform: (Double) -> Double = { $0 }) -> Double {
  tensor.withUnsafeElements { elements in
    elements.reduce(0.0) { $0 + transform(Double($1)) } / Double(elements.count)
  }
}
