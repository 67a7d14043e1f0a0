// New vectors for dead latents.
//
// Bricken et al. 2023: draw inputs with probability ∝ the square of their loss; such an input, at unit length, becomes the
// dictionary vector; the encoder's is the same at a fifth of the living ones' mean length; the bias is zero; Adam forgets
// what it knew of the latent. ARENA's simple variant takes random directions. Inputs lose the pre-encoder bias first, as
// they do on their way to the encoder.

import Tensors

extension SparseAutoencoderTrainer {
  /// Latents that were not active in any of the last steps.
  public func deadLatents(window: Int) -> [Int] { idleSteps.indices.filter { idleSteps[$0] >= window } }

  /// Gives latents new vectors, zero biases and an optimiser without memory of them.
  ///
  /// A tied encoder is the dictionary, so that no scale applies to it.
  ///
  /// - Parameters:
  ///   - latents: Which, usually `deadLatents(window:)`.
  ///   - scheme: What they become.
  ///   - activations: `[batch, inputs]`, of which `bricken` draws.
  public mutating func resample(
    _ latents: [Int], by scheme: SparseAutoencoderTraining.Resampling.Scheme = .bricken(), from activations: Tensor
  ) {
    guard !latents.isEmpty else { return }
    let configuration = autoencoder.configuration
    let directions: Tensor
    let encoderLength: Float
    switch scheme {
    case .bricken(let share):
      directions = poorlyReconstructed(latents.count, of: activations)
      encoderLength = share * meanEncoderLength(without: latents)
    case .randomDirection(let scale):
      directions = random.normal([latents.count, configuration.inputs])
      encoderLength = scale
    }
    let lengths = directions.norm(axis: 1, keepingAxis: true)
    let vectors = directions / lengths.map { $0 > 0 ? $0 : 1 }
    let fresh = SparseAutoencoderParameters(startingBiasesFor: configuration)
    for path in [\SparseAutoencoderParameters.encoderBias, \.gateBias, \.magnitudeScale, \.logThreshold] {
      autoencoder.parameters[keyPath: path].copyRows(of: fresh[keyPath: path], from: latents, to: latents)
    }
    let rows = Array(latents.indices)
    autoencoder.parameters.decoder.copyRows(of: vectors, from: rows, to: latents)
    if !configuration.isTied {
      autoencoder.parameters.encoder.copyRows(of: vectors * encoderLength, from: rows, to: latents)
    }
    first.clear(latents: latents)
    second.clear(latents: latents)
    for latent in latents { idleSteps[latent] = 0 }
    resampledLatents += latents.count
  }

  /// The mean length of the other latents' encoder vectors; of all, if there are no others.
  private func meanEncoderLength(without latents: [Int]) -> Float {
    let lengths = autoencoder.encoderRows.norm(axis: 1).elements
    let dead = Set(latents)
    let alive = lengths.indices.filter { !dead.contains($0) }
    let counted = alive.isEmpty ? Array(lengths.indices) : alive
    return counted.reduce(0) { $0 + lengths[$1] } / Float(counted.count)
  }

  /// Inputs without the pre-encoder bias, drawn with probability ∝ the square of their reconstruction's squared error.
  private mutating func poorlyReconstructed(_ count: Int, of activations: Tensor) -> Tensor {
    let errors = (autoencoder.reconstruct(activations) - activations).squared().sum(axis: 1).elements
    var running: [Double] = []
    for error in errors { running.append((running.last ?? 0) + Double(error) * Double(error)) }
    let total = running.last ?? 0
    let drawn = (0..<count).map { _ in
      let target = random.uniformDouble() * total
      return min(running.partitioningIndex { $0 > target }, errors.count - 1)
    }
    let inputs = activations.gathered(at: drawn)
    return autoencoder.configuration.decoderBias == .preEncoder ? inputs - autoencoder.decoderBias : inputs
  }
}

extension [Double] {
  /// The first index of a sorted array at which a condition holds; the count if there is none.
  fileprivate func partitioningIndex(where condition: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if condition(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension Tensor {
  /// Overwrites rows by rows of another tensor of the same row length; does nothing without elements.
  fileprivate mutating func copyRows(of source: Tensor, from origins: [Int], to targets: [Int]) {
    guard count > 0 else { return }
    let width = count / shape[0]
    withUnsafeMutableElements { elements in
      source.withUnsafeElements { source in
        for (origin, target) in zip(origins, targets) {
          for index in 0..<width { elements[target * width + index] = source[origin * width + index] }
        }
      }
    }
  }
}
