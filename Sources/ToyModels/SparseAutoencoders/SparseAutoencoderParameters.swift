// The weights of a sparse autoencoder, and everything of their shape: gradients and an optimiser's moments.
//
// Parameters that a variant lacks have no elements.

import Tensors

/// Numbers in the shape of a sparse autoencoder's weights; all but the decoder's bias have a row for each latent.
struct SparseAutoencoderParameters: Sendable, Equatable {
  /// `[latents, inputs]`; empty when tied.
  var encoder: Tensor
  var encoderBias: Tensor
  /// `[latents, inputs]`.
  var decoder: Tensor
  var decoderBias: Tensor
  /// Of a gated autoencoder.
  var gateBias, magnitudeScale: Tensor
  /// Of a JumpReLU.
  var logThreshold: Tensor

  init(zerosFor configuration: SparseAutoencoder.Configuration) {
    let (n, m) = (configuration.inputs, configuration.latents)
    encoder = Tensor(zeros: configuration.isTied ? [0, n] : [m, n])
    encoderBias = Tensor(zeros: [m])
    decoder = Tensor(zeros: [m, n])
    decoderBias = Tensor(zeros: [configuration.decoderBias == .none ? 0 : n])
    let gates = configuration.activation == .gated ? m : 0
    (gateBias, magnitudeScale) = (Tensor(zeros: [gates]), Tensor(zeros: [gates]))
    if case .jumpReLU = configuration.activation {
      logThreshold = Tensor(zeros: [m])
    } else {
      logThreshold = Tensor(zeros: [0])
    }
  }

  init(_ configuration: SparseAutoencoder.Configuration, initializedFrom random: RandomStream) {
    self.init(startingBiasesFor: configuration)
    let (n, m) = (configuration.inputs, configuration.latents)
    var stream = random.derived("decoder")
    decoder = stream.normal([m, n])
    if case .orthogonal = configuration.initialization { decoder = Self.orthogonalized(decoder) }
    decoder = decoder / decoder.norm(axis: 1, keepingAxis: true)
    if !configuration.isTied {
      switch configuration.initialization {
      case .transposed(let scale): encoder = decoder * scale
      case .independent(let length), .orthogonal(let length):
        var stream = random.derived("encoder")
        let bound = length * (3 / Float(n)).squareRoot()
        encoder = stream.uniform([m, n], in: -bound..<bound)
      }
    }
  }

  /// Biases as they start, and no weights yet.
  init(startingBiasesFor configuration: SparseAutoencoder.Configuration) {
    self.init(zerosFor: configuration)
    startThresholds(configuration)
  }

  /// Puts a JumpReLU's thresholds where they start.
  private mutating func startThresholds(_ configuration: SparseAutoencoder.Configuration) {
    guard case .jumpReLU(_, let threshold) = configuration.activation else { return }
    logThreshold = Tensor(repeating: threshold, [configuration.latents]).log()
  }

  /// Makes every run of as many rows as there are columns orthogonal, by Gram and Schmidt.
  private static func orthogonalized(_ matrix: Tensor) -> Tensor {
    let (rows, n) = (matrix.shape[0], matrix.shape[1])
    var values = matrix.elements.map(Double.init)
    for row in 0..<rows {
      // Twice is enough for full precision.
      for _ in 0..<2 {
        for earlier in (row / n * n)..<row {
          let overlap = (0..<n).reduce(0) { $0 + values[row * n + $1] * values[earlier * n + $1] }
          for index in 0..<n { values[row * n + index] -= overlap * values[earlier * n + index] }
        }
      }
      let norm = (0..<n).reduce(0) { $0 + values[row * n + $1] * values[row * n + $1] }.squareRoot()
      for index in 0..<n { values[row * n + index] /= norm }
    }
    return Tensor(values.map(Float.init), [rows, n])
  }

  /// Calls a closure with raw views for writing.
  mutating func withPointers<Result>(_ body: (SparseAutoencoderPointers) -> Result) -> Result {
    encoder.withUnsafeMutableElements { encoder in
      encoderBias.withUnsafeMutableElements { encoderBias in
        decoder.withUnsafeMutableElements { decoder in
          decoderBias.withUnsafeMutableElements { decoderBias in
            gateBias.withUnsafeMutableElements { gateBias in
              magnitudeScale.withUnsafeMutableElements { magnitudeScale in
                logThreshold.withUnsafeMutableElements { logThreshold in
                  body(
                    SparseAutoencoderPointers(
                      encoder.baseAddress, encoderBias.baseAddress, decoder.baseAddress, decoderBias.baseAddress,
                      gateBias.baseAddress, magnitudeScale.baseAddress, logThreshold.baseAddress))
                }
              }
            }
          }
        }
      }
    }
  }

  /// Calls a closure with raw views that are only read.
  func withReadOnlyPointers<Result>(_ body: (SparseAutoencoderPointers) -> Result) -> Result {
    func view(_ elements: UnsafeBufferPointer<Float>) -> UnsafeMutablePointer<Float>? {
      UnsafeMutablePointer(mutating: elements.baseAddress)
    }
    return encoder.withUnsafeElements { encoder in
      encoderBias.withUnsafeElements { encoderBias in
        decoder.withUnsafeElements { decoder in
          decoderBias.withUnsafeElements { decoderBias in
            gateBias.withUnsafeElements { gateBias in
              magnitudeScale.withUnsafeElements { magnitudeScale in
                logThreshold.withUnsafeElements { logThreshold in
                  body(
                    SparseAutoencoderPointers(
                      view(encoder), view(encoderBias), view(decoder), view(decoderBias), view(gateBias),
                      view(magnitudeScale), view(logThreshold)))
                }
              }
            }
          }
        }
      }
    }
  }

  /// Zeroes everything that belongs to some latents.
  mutating func clear(latents: [Int]) {
    for latent in latents {
      for path in [\Self.encoder, \.encoderBias, \.decoder, \.gateBias, \.magnitudeScale, \.logThreshold] {
        guard self[keyPath: path].count > 0 else { continue }
        let width = self[keyPath: path].rank == 1 ? 1 : self[keyPath: path].shape[1]
        self[keyPath: path].withUnsafeMutableElements { elements in
          for index in latent * width..<(latent + 1) * width { elements[index] = 0 }
        }
      }
    }
  }
}

/// Raw views of the parameters; nil where a variant has none.
struct SparseAutoencoderPointers {
  let encoder, decoderBias, gateBias, magnitudeScale, logThreshold: UnsafeMutablePointer<Float>?
  let encoderBias, decoder: UnsafeMutablePointer<Float>

  init(
    _ encoder: UnsafeMutablePointer<Float>?, _ encoderBias: UnsafeMutablePointer<Float>?,
    _ decoder: UnsafeMutablePointer<Float>?, _ decoderBias: UnsafeMutablePointer<Float>?,
    _ gateBias: UnsafeMutablePointer<Float>?, _ magnitudeScale: UnsafeMutablePointer<Float>?,
    _ logThreshold: UnsafeMutablePointer<Float>?
  ) {
    guard let encoderBias, let decoder else { preconditionFailure("an autoencoder has at least one latent") }
    (self.encoder, self.encoderBias, self.decoder, self.decoderBias) = (encoder, encoderBias, decoder, decoderBias)
    (self.gateBias, self.magnitudeScale, self.logThreshold) = (gateBias, magnitudeScale, logThreshold)
  }

  /// The encoder's rows, which are the decoder's when tied.
  var encoderRows: UnsafeMutablePointer<Float> { encoder ?? decoder }
}
