// The two places in the transformer whose activations are taken apart.

import Transformer

/// A place whose activations are taken apart.
enum SplicedPlace: String, Sendable, CaseIterable {
  /// The neurons of the MLP, after the ReLU.
  case neurons = "MLP neurons"
  /// The residual stream in the middle, between attention and the MLP.
  case residual = "residual stream"

  var point: HookPoint {
    switch self {
    case .neurons: HookPoint(.post, layer: 0)
    case .residual: HookPoint(.residMid, layer: 0)
    }
  }
}
