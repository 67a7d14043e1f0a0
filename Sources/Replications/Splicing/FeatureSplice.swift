// A sparse autoencoder in the place of activations (SAELens's `HookedSAETransformer`): what it leaves out of them is either
// dropped or kept, and every splice says which.
//
//   dropped: x′ = decode(f′)        kept: x′ = decode(f′) + (x − decode(encode(x)))

import Tensors
import ToyModels

/// What an autoencoder puts in the place of activations, its error dropped or kept.
public struct FeatureSplice: Sendable {
  /// What becomes of x − x̂, what the autoencoder leaves out.
  public enum ErrorTerm: Sendable, Hashable {
    /// The rest of the model sees features only: how much of the model they are.
    case dropped
    /// It is added back, so that features which are not edited change nothing: what a single feature does.
    case kept
  }

  /// The autoencoder.
  public let autoencoder: SparseAutoencoder
  /// What activations are multiplied by before they are encoded.
  public let scale: Float
  /// Whether what the autoencoder leaves out is added back.
  public let error: ErrorTerm

  /// Creates a splice; there is no default for the error.
  public init(_ autoencoder: SparseAutoencoder, scale: Float = 1, error: ErrorTerm) {
    self.autoencoder = autoencoder
    self.scale = scale
    self.error = error
  }

  /// The features `[word, latent]` of activations `[word, width]`.
  public func features(of activations: Tensor) -> Tensor { autoencoder.encode(activations * scale) }

  /// What stands in for activations `[word, width]`: their reconstruction, or they themselves where the error is kept.
  public func reconstruction(of activations: Tensor) -> Tensor {
    replacement(for: activations, with: features(of: activations))
  }

  /// What stands in for activations `[word, width]` when their features have become these, `[word, latent]`.
  public func replacement(for activations: Tensor, with features: Tensor) -> Tensor {
    let decoded = autoencoder.decode(features) * (1 / scale)
    switch error {
    case .dropped: return decoded
    case .kept: return decoded + (activations - autoencoder.decode(self.features(of: activations)) * (1 / scale))
    }
  }
}
