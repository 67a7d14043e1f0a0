// Geometries with known answers, for metrics that are otherwise read off trained models.

import Foundation
import Tensors
import ToyModels

@testable import Replications

extension SuperpositionGeometry {
  /// Directions in the plane by their angles, in degrees.
  init(angles: [Double], length: Double = 1) {
    self.init(
      directions: angles.map { [length * cos($0 * .pi / 180), length * sin($0 * .pi / 180)] }, hidden: 2)
  }

  /// Directions as they are; there must be one.
  init(_ directions: [[Double]]) { self.init(directions: directions, hidden: directions[0].count) }
}

extension TrainedModels {
  /// A single ReLU output model with given weights `[feature][hidden]` and biases.
  init(reluOutput directions: [[Double]], bias: [Float]) {
    let (n, m) = (directions.count, directions[0].count)
    self.init(
      model: SuperpositionModel(
        architecture: .reluOutput(features: n, hidden: m),
        encoder: Tensor(directions.joined().map { Float($0) }, [1, n, m]), bias: Tensor(bias, [1, n])),
      losses: [0])
  }
}
