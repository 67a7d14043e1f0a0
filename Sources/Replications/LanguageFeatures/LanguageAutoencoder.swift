// Sparse autoencoders for the transformer's activations, trained as in Bricken et al. 2023: a ReLU, an L1 penalty on the
// sum of features, dictionary vectors of unit length, a bias that the input loses first, and resampling.
//
// Activations are scaled to a mean squared norm of their dimensions, as in Templeton et al. 2024, so that one coefficient
// serves every place in the model.

import Tensors
import ToyModels

/// A sparse autoencoder with the scale of the activations that it reads.
struct LanguageAutoencoder: Sendable {
  private(set) var autoencoder: SparseAutoencoder
  /// What activations are multiplied by before they are encoded.
  let scale: Float

  /// How autoencoders are trained here.
  struct Recipe: Sendable {
    var features = 256
    var steps = 1_000
    var batch = 256
    /// The words that are mixed: what a stream of them holds in memory.
    var buffer = 8_192
    var learningRate: Float = 2e-3
    /// The coefficient of the sum of features.
    var penalty: Float = 1.2
  }

  /// An autoencoder whose weights are known.
  init(_ autoencoder: SparseAutoencoder, scale: Float) {
    self.autoencoder = autoencoder
    self.scale = scale
  }

  /// An autoencoder before training, for activations `[word, dimension]` or a sample of them.
  init(for activations: Tensor, _ recipe: Recipe, stream: RandomStream) {
    let (words, dimensions) = (activations.shape[0], activations.shape[1])
    let squares = activations.squared().sum() / Float(words)
    let scale = (Float(dimensions) / squares).squareRoot()
    var autoencoder = SparseAutoencoder(
      SparseAutoencoder.Configuration(inputs: dimensions, latents: recipe.features), using: stream.derived("weights"))
    autoencoder.decoderBias = geometricMedian(of: activations * scale)
    self.init(autoencoder, scale: scale)
  }

  /// Trains on batches from a source of activations `[word, dimension]`, mixed in a buffer that holds a part of them.
  mutating func train<Source: ActivationSource>(
    on source: Source, _ recipe: Recipe, stream: RandomStream, check: () throws -> Void
  ) throws {
    let steps = recipe.steps
    var trainer = SparseAutoencoderTrainer(
      autoencoder,
      settings: SparseAutoencoderTraining(
        learningRate: recipe.learningRate,
        schedule: .warmUp(over: steps / 20) * .constant.then(.linearDecay(over: steps / 5), at: steps - steps / 5),
        reconstruction: .sumOfSquares, penalty: .l1Sum(recipe.penalty), penaltySchedule: .warmUp(over: steps / 20),
        resampling: .init(every: steps / 5, window: steps / 10, last: 3 * steps / 5)),
      using: stream)
    var batches = ActivationStream(
      from: ScaledActivations(source: source, scale: scale), inputs: autoencoder.configuration.inputs,
      capacity: recipe.buffer, batchSize: recipe.batch, using: stream.derived("order"))
    let taken = try trainer.train(on: &batches, steps: steps, check: check)
    precondition(taken == steps, "the source had activations for \(taken) of \(steps) steps")
    autoencoder = trainer.autoencoder
  }

  /// The autoencoder in the place of activations, what it leaves out dropped.
  var splice: FeatureSplice { FeatureSplice(autoencoder, scale: scale, error: .dropped) }

  /// The features of activations: `[word, feature]`.
  func encode(_ activations: Tensor) -> Tensor { splice.features(of: activations) }

  /// The activations that features stand for: `[word, dimension]`.
  func decode(_ features: Tensor) -> Tensor { autoencoder.decode(features) * (1 / scale) }

  /// How sparse and how faithful it is on activations `[word, dimension]`, which it may be given the features of.
  func metrics(on activations: Tensor, with features: Tensor? = nil) -> SparseAutoencoderMetrics {
    let features = features ?? encode(activations)
    var metrics = SparseAutoencoderMetrics(inputs: activations.shape[1], latents: features.shape[1])
    metrics.add(
      activations: activations * scale, latents: features, reconstructions: autoencoder.decode(features))
    return metrics
  }

  /// What one unit of each feature adds to activations: `[feature, dimension]`.
  var dictionary: Tensor { autoencoder.decoderWeight * (1 / scale) }

  /// Activations in which one feature has another value at some words and all else is as it was, what the autoencoder
  /// leaves out included.
  ///
  /// - Parameters:
  ///   - feature: The feature.
  ///   - value: The value that it is set to.
  ///   - words: Whether each word is changed.
  ///   - activations: `[word, dimension]`.
  ///   - features: Their features, `[word, feature]`.
  func setting(
    _ feature: Int, to value: Float, at words: [Bool], in activations: Tensor, with features: Tensor
  ) -> Tensor {
    precondition(
      words.count == activations.shape[0] && features.shape[0] == words.count,
      "\(words.count) words, activations of shape \(activations.shape), features of shape \(features.shape)")
    var change = features.slice(axis: 1, at: feature)
    change.withUnsafeMutableElements { change in
      for word in change.indices { change[word] = words[word] ? value - change[word] : 0 }
    }
    return activations + change.outer(dictionary.slice(axis: 0, at: feature))
  }
}

/// The activations of a source, each multiplied by a number.
private struct ScaledActivations<Source: ActivationSource>: ActivationSource {
  var source: Source
  let scale: Float

  mutating func nextActivations() throws(Source.Failure) -> Tensor? {
    guard let next = try source.nextActivations() else { return nil }
    return next * scale
  }
}

extension GeneratedActivations where Failure == Never {
  /// Activations in memory, `[word, dimension]`, in chunks of a number of words and as many rounds.
  init(_ activations: Tensor, words: Int, rounds: Int) {
    let chunks = (activations.shape[0] + words - 1) / words
    self.init(chunks: chunks * rounds) { chunk in
      let start = chunk % chunks * words
      return activations.slice(axis: 0, start..<min(start + words, activations.shape[0]))
    }
  }
}

extension Tensor {
  /// The same columns, each in a random order of its own: what is left of a matrix when nothing goes together.
  func shufflingColumns(using stream: RandomStream) -> Tensor {
    let (rows, columns) = (shape[0], shape[1])
    var result = self
    result.withUnsafeMutableElements { elements in
      for column in 0..<columns {
        var stream = stream.derived("column", column)
        for row in stride(from: rows - 1, to: 0, by: -1) {
          elements.swapAt(row * columns + column, stream.integer(below: row + 1) * columns + column)
        }
      }
    }
    return result
  }

  /// The same rows, in each of which only the largest elements are left and the others are zero.
  func keepingLargest(_ count: Int) -> Tensor {
    let (rows, columns) = (shape[0], shape[1])
    var result = self
    result.withUnsafeMutableElements { elements in
      for row in 0..<rows {
        let range = row * columns..<(row + 1) * columns
        let smallest = elements[range].sorted(by: >)[min(count, columns) - 1]
        for index in range where elements[index] < smallest { elements[index] = 0 }
      }
    }
    return result
  }

  /// The coordinates of rows along the principal components of all rows: `[row, component]`.
  func alongPrincipalComponents() throws -> Tensor {
    let centred = self - mean(axis: 0)
    let covariance = centred.matmul(centred, transposingSelf: true)
    return centred.matmul(try covariance.symmetricEigen().vectors)
  }

  /// The rows with no more than the largest principal components of other rows, around the mean of those.
  func projected(onto count: Int, principalComponentsOf others: Tensor) throws -> Tensor {
    let mean = others.mean(axis: 0)
    let centred = others - mean
    // Eigenvalues ascend: the largest are the last.
    let vectors = try centred.matmul(centred, transposingSelf: true).symmetricEigen().vectors
    let width = vectors.shape[1]
    let largest = vectors.slice(axis: 1, (width - min(count, width))..<width)
    return (self - mean).matmul(largest).matmul(largest, transposingOther: true) + mean
  }
}
