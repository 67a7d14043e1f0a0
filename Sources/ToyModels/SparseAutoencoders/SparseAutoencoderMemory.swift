// What a pass through a sparse autoencoder works on: a block of samples and one row of numbers for each parameter vector.
//
// It is one allocation, taken once. Rows are padded to whole vectors, and the padding is zero.

import Tensors

/// Reusable memory for blocks of samples.
struct SparseAutoencoderMemory {
  /// The samples that go through at once.
  let rows: Int
  private var storage: Tensor
  private var positions: [Int32]
  private let configuration: SparseAutoencoder.Configuration

  init(_ configuration: SparseAutoencoder.Configuration, rows: Int) {
    self.configuration = configuration
    self.rows = rows
    storage = Tensor(zeros: [SparseAutoencoderViews.sizes(configuration, rows: rows).reduce(0, +)])
    positions = Array(repeating: 0, count: SparseAutoencoderViews.listed(configuration, rows: rows) + rows + 1)
  }

  /// Calls a closure with views of it.
  mutating func withViews<Result>(_ body: (SparseAutoencoderViews) -> Result) -> Result {
    let (configuration, rows) = (configuration, rows)
    return storage.withUnsafeMutableElements { elements in
      positions.withUnsafeMutableBufferPointer { positions in
        guard let base = elements.baseAddress, let positions = positions.baseAddress else {
          preconditionFailure("memory for no samples")
        }
        return body(SparseAutoencoderViews(base, positions, configuration, rows: rows))
      }
    }
  }
}

/// Raw views of a block; those that a variant does not use are empty.
struct SparseAutoencoderViews {
  typealias Elements = UnsafeMutablePointer<Float>

  /// `[sample, input]`: inputs, inputs without the bias, slopes of reconstructions, and those of gates' own.
  let inputs, centered, errors, gateErrors: Elements
  /// `[sample, latent]`: latents and their slopes; pre-activations of a JumpReLU or of gates; gates and their slopes.
  let latents, slopes, preActivations, gates, gateSlopes: Elements
  /// `[latent]`: biases, thresholds or factors of magnitudes, gates' biases; the slopes of each; counts of activity.
  let bias, biasSlopes, factor, factorSlopes, gateBias, gateBiasSlopes, inputSlopes, counts: Elements
  /// `[input]`
  let decoderBias, decoderBiasSlopes: Elements
  /// The block's active latents, if they are few.
  let lists: LatentLists

  /// The active latents that lists have room for.
  static func listed(_ configuration: SparseAutoencoder.Configuration, rows: Int) -> Int {
    rows * configuration.latents / LatentLists.sparsity
  }

  static func sizes(_ configuration: SparseAutoencoder.Configuration, rows: Int) -> [Int] {
    let n = LatentKernels.padded(configuration.inputs)
    let m = LatentKernels.padded(configuration.latents)
    let isGated = configuration.activation == .gated
    var isJump = false
    if case .jumpReLU = configuration.activation { isJump = true }
    let ofInputs = [n, n, n, isGated ? n : 0].map { $0 * rows }
    let ofLatents = [m, m, isGated || isJump ? m : 0, isGated ? m : 0, isGated ? m : 0].map { $0 * rows }
    // Every view starts a cache line.
    return (ofInputs + ofLatents + Array(repeating: m, count: 8) + [n, n, listed(configuration, rows: rows)]).map {
      ($0 + 15) / 16 * 16
    }
  }

  init(
    _ base: Elements, _ positions: UnsafeMutablePointer<Int32>, _ configuration: SparseAutoencoder.Configuration,
    rows: Int
  ) {
    var starts: [Elements] = []
    var next = base
    for size in Self.sizes(configuration, rows: rows) {
      starts.append(next)
      next += size
    }
    (inputs, centered, errors, gateErrors) = (starts[0], starts[1], starts[2], starts[3])
    (latents, slopes, preActivations, gates, gateSlopes) = (starts[4], starts[5], starts[6], starts[7], starts[8])
    (bias, biasSlopes, factor, factorSlopes) = (starts[9], starts[10], starts[11], starts[12])
    (gateBias, gateBiasSlopes, inputSlopes, counts) = (starts[13], starts[14], starts[15], starts[16])
    (decoderBias, decoderBiasSlopes) = (starts[17], starts[18])
    lists = LatentLists(starts: positions, columns: positions + rows + 1, values: starts[19])
  }
}
