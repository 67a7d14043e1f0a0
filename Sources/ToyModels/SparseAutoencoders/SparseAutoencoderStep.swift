// The forward and backward pass of a sparse autoencoder, written out and fused.
//
//   π = (x − b_dec)·W_encᵀ     f = σ(π + b_enc)     e = f·W_dec + b_dec − x     L = s·Σe² + penalty(f)
//   ∂f = 2s·e·W_decᵀ           ∂π = σ′·(∂f + penalty′)
//   ∂W_dec = fᵀ·2s·e           ∂W_enc = ∂πᵀ·(x − b_dec)     ∂b_enc = Σ∂π     ∂b_dec = Σ2s·e − W_encᵀ·Σ∂π
//
// Five matrix products; the slope of the pre-encoder bias needs none, since the sum over samples comes first. Samples go
// through in blocks, whose latents are read while they are in the cache; only BatchTopK must see the batch as one block.

import Tensors

/// The arithmetic of one batch.
struct SparseAutoencoderStep {
  /// What is minimised.
  struct Objective {
    var reconstruction: SparseAutoencoderTraining.Reconstruction
    var penalty: SparseAutoencoderTraining.SparsityPenalty
    var penaltyFactor: Float = 1
  }

  /// What a batch cost, and its smallest active latent, which `batchTopK` keeps a mean of: infinity where it has none.
  struct Outcome {
    var losses: SparseAutoencoderLosses
    var smallestActive: Float
  }

  /// Samples that go through at once.
  static let blockRows = 1024

  /// Whether a block with few active latents may be done over lists of them; tests compare both ways.
  var allowsLists = true
  /// The blocks of the last batch that were.
  private(set) var listedBlocks = 0

  private let configuration: SparseAutoencoder.Configuration
  private var memory: SparseAutoencoderMemory

  init(_ configuration: SparseAutoencoder.Configuration) {
    self.configuration = configuration
    memory = SparseAutoencoderMemory(configuration, rows: 1)
  }

  private mutating func prepare(for batch: Tensor, training: Bool) -> (samples: Int, rows: Int) {
    precondition(
      batch.rank == 2 && batch.shape[1] == configuration.inputs,
      "activations of shape \(batch.shape) for an autoencoder of \(configuration.inputs) inputs")
    let samples = batch.shape[0]
    var rows = max(1, min(samples, Self.blockRows))
    if training, case .batchTopK = configuration.activation { rows = samples }
    if rows > memory.rows { memory = SparseAutoencoderMemory(configuration, rows: rows) }
    return (samples, rows)
  }

  private func factors(of autoencoder: SparseAutoencoder) -> [Float] {
    switch configuration.activation {
    case .jumpReLU: autoencoder.parameters.logThreshold.exp().elements
    case .gated: autoencoder.parameters.magnitudeScale.exp().elements
    case .relu, .topK, .batchTopK: []
    }
  }

  /// Writes the gradient of the objective's mean over a batch and, for each latent, in how many samples it was active.
  mutating func run(
    _ autoencoder: SparseAutoencoder, on batch: Tensor, objective: Objective,
    gradient: inout SparseAutoencoderParameters, counts: inout Tensor
  ) -> Outcome {
    let (samples, rows) = prepare(for: batch, training: true)
    precondition(samples > 0, "a step needs at least one sample")
    let (configuration, factors, allowsLists) = (configuration, factors(of: autoencoder), allowsLists)
    var listed = 0
    defer { listedBlocks = listed }
    return memory.withViews { views in
      batch.withUnsafeElements { batch in
        autoencoder.parameters.withReadOnlyPointers { parameters in
          gradient.withPointers { gradient in
            counts.withUnsafeMutableElements { counts in
              guard let inputs = batch.baseAddress, let counts = counts.baseAddress else {
                preconditionFailure("a step needs at least one sample")
              }
              var pass = SparseAutoencoderPass(
                configuration, views: views, parameters: parameters, factors: factors, objective: objective,
                samples: samples, allowsLists: allowsLists)
              pass.start()
              for first in stride(from: 0, to: samples, by: rows) {
                let count = min(rows, samples - first)
                pass.encode(inputs + first * configuration.inputs, count)
                pass.decode(count)
                listed += pass.usesLists ? 1 : 0
                pass.backward(count, into: gradient, isFirst: first == 0)
              }
              pass.finish(into: gradient)
              counts.update(from: views.counts, count: configuration.latents)
              return Outcome(losses: pass.losses, smallestActive: pass.smallestActive)
            }
          }
        }
      }
    }
  }

  /// Latents `[sample, latent]` outside of training.
  mutating func encode(_ autoencoder: SparseAutoencoder, _ batch: Tensor) -> Tensor {
    let (samples, rows) = prepare(for: batch, training: false)
    let (configuration, factors) = (configuration, factors(of: autoencoder))
    var latents = Tensor(uninitialized: [samples, configuration.latents])
    memory.withViews { views in
      batch.withUnsafeElements { batch in
        autoencoder.parameters.withReadOnlyPointers { parameters in
          latents.withUnsafeMutableElements { latents in
            guard let inputs = batch.baseAddress, let target = latents.baseAddress else { return }
            var pass = SparseAutoencoderPass(
              configuration, views: views, parameters: parameters, factors: factors, objective: nil,
              samples: samples, batchThreshold: autoencoder.batchThreshold)
            pass.start()
            let (m, width) = (configuration.latents, LatentKernels.padded(configuration.latents))
            for first in stride(from: 0, to: samples, by: rows) {
              let count = min(rows, samples - first)
              pass.encode(inputs + first * configuration.inputs, count)
              for row in 0..<count {
                (target + (first + row) * m).update(from: views.latents + row * width, count: m)
              }
            }
          }
        }
      }
    }
    return latents
  }
}
