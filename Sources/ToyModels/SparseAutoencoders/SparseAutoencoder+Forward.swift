// The forward pass, from activations to latents and back.

import Tensors

extension SparseAutoencoder {
  /// Latents `[batch, latents]` of activations `[batch, inputs]`, as they are after training.
  ///
  /// `batchTopK` keeps what exceeds `batchThreshold` here, whatever else is in the batch.
  public func encode(_ activations: Tensor) -> Tensor {
    var step = SparseAutoencoderStep(configuration)
    return step.encode(self, activations)
  }

  /// Reconstructions `[batch, inputs]` of latents `[batch, latents]`.
  public func decode(_ latents: Tensor) -> Tensor {
    precondition(
      latents.rank == 2 && latents.shape[1] == configuration.latents,
      "latents of shape \(latents.shape) for a dictionary of \(configuration.latents)")
    let sums = latents.matmul(parameters.decoder)
    return configuration.decoderBias == .none ? sums : sums + parameters.decoderBias
  }

  /// Reconstructions `[batch, inputs]` of activations `[batch, inputs]`.
  public func reconstruct(_ activations: Tensor) -> Tensor { decode(encode(activations)) }
}
