// What autoencoders are trained on and measured with, and the two things that are made of it without any autoencoder: a
// Gaussian twin, which has the same mean and covariance and no features, and principal components.

import Tensors

/// A pool of activations for training, and others that training never sees.
struct Activations: Sendable {
  /// `[sample, input]`.
  var pool: Tensor
  /// `[sample, input]`.
  var heldOut: Tensor

  /// Draws both from known features.
  init(_ features: KnownFeatures, pool: Int = 32_768, heldOut: Int = 8_192, using random: RandomStream) {
    self.init(
      pool: features.samples(pool, using: random.derived("pool")).activations,
      heldOut: features.samples(heldOut, using: random.derived("held out")).activations)
  }

  init(pool: Tensor, heldOut: Tensor) {
    (self.pool, self.heldOut) = (pool, heldOut)
  }

  /// The same activations, all moved by one vector.
  func shifted(by offset: Tensor) -> Activations { Activations(pool: pool + offset, heldOut: heldOut + offset) }

  /// Gaussian activations with the mean and the covariance of the pool: whatever a method finds in them is in these two.
  func gaussianTwin(using random: RandomStream) throws(DecompositionError) -> Activations {
    let mean = pool.mean(axis: 0)
    let eigen = try Self.covariance(pool).symmetricEigen()
    let factor = eigen.vectors * eigen.values.map { max($0, 0) }.squareRoots()
    func draw(_ label: String, like samples: Tensor) -> Tensor {
      var stream = random.derived(label)
      return stream.normal(samples.shape).matmul(factor, transposingOther: true) + mean
    }
    return Activations(pool: draw("pool", like: pool), heldOut: draw("held out", like: heldOut))
  }

  /// The principal components of the pool, those of largest variance first, each followed by its opposite:
  /// `[2 · inputs, inputs]`. A dictionary that may only point one way needs both signs.
  func components() throws(DecompositionError) -> Tensor {
    let eigen = try Self.covariance(pool).symmetricEigen()
    let inputs = pool.shape[1]
    let descending = eigen.vectors.transposed().gathered(at: (0..<inputs).reversed())
    return Tensor.stacked([descending, -descending], axis: 1).reshaped([2 * inputs, inputs])
  }

  /// The covariance of the columns: `[inputs, inputs]`.
  static func covariance(_ samples: Tensor) -> Tensor {
    let centred = samples - samples.mean(axis: 0)
    return centred.matmul(centred, transposingSelf: true) / Float(samples.shape[0])
  }
}
