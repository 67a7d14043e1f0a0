// One block of samples through a sparse autoencoder and back: the matrix products, and which kernel runs between them.
// Where few latents are active, all products but the encoder's are done over lists of those.

import Tensors

/// The arithmetic of a block; what it sums over blocks lies in the memory it is given.
struct SparseAutoencoderPass {
  private let configuration: SparseAutoencoder.Configuration
  private let views: SparseAutoencoderViews
  private let parameters: SparseAutoencoderPointers
  /// Thresholds of a JumpReLU, factors of a gated autoencoder's magnitudes.
  private let factors: [Float]
  /// Nil outside of training.
  private let objective: SparseAutoencoderStep.Objective?
  private let batchThreshold: Float
  private let allowsLists: Bool
  private let samples: Int
  /// Whether the block's latents are so few that they are listed.
  private(set) var usesLists = false
  private(set) var losses = SparseAutoencoderLosses(reconstruction: 0, sparsity: 0, auxiliary: 0, l0: 0)
  /// The smallest active latent, for the running threshold of `batchTopK`.
  private(set) var smallestActive = Float.infinity

  init(
    _ configuration: SparseAutoencoder.Configuration, views: SparseAutoencoderViews,
    parameters: SparseAutoencoderPointers, factors: [Float], objective: SparseAutoencoderStep.Objective?, samples: Int,
    batchThreshold: Float = 0, allowsLists: Bool = true
  ) {
    self.configuration = configuration
    self.views = views
    self.parameters = parameters
    self.factors = factors
    self.objective = objective
    self.samples = samples
    self.batchThreshold = batchThreshold
    self.allowsLists = allowsLists
  }

  private var n: Int { configuration.inputs }
  private var m: Int { configuration.latents }
  private var inputWidth: Int { LatentKernels.padded(n) }
  private var latentWidth: Int { LatentKernels.padded(m) }
  private var isGated: Bool { configuration.activation == .gated }

  /// Clears the sums and lays out the rows of parameters.
  func start() {
    views.bias.update(from: parameters.encoderBias, count: m)
    if let bias = parameters.decoderBias { views.decoderBias.update(from: bias, count: n) }
    if let bias = parameters.gateBias { views.gateBias.update(from: bias, count: m) }
    views.factor.update(repeating: 1, count: latentWidth)
    for (index, factor) in factors.enumerated() { views.factor[index] = factor }
    for sums in [views.biasSlopes, views.factorSlopes, views.gateBiasSlopes, views.inputSlopes, views.counts] {
      sums.update(repeating: 0, count: latentWidth)
    }
    views.decoderBiasSlopes.update(repeating: 0, count: inputWidth)
  }

  /// Inputs up to latents.
  mutating func encode(_ inputs: UnsafePointer<Float>, _ count: Int) {
    let subtracted = configuration.decoderBias == .preEncoder ? views.decoderBias : nil
    LatentKernels.center(inputs, count: n, rows: count, bias: subtracted, into: views.inputs, views.centered)
    let target = factors.isEmpty ? views.latents : views.preActivations
    BLAS.gemm(
      transposeB: true, rows: count, columns: m, inner: n, views.centered, leadingA: inputWidth,
      parameters.encoderRows, leadingB: n, target, leadingC: latentWidth)
    let activity = activate(count)
    usesLists = objective != nil && canUseLists && Int(activity.active) <= count * m / LatentLists.sparsity
    if usesLists { views.lists.gather(views.latents, rows: count, width: latentWidth) }
    losses.l0 += activity.active / Double(samples)
    guard let objective else { return }
    let factor = Double(objective.penaltyFactor) / Double(samples)
    switch objective.penalty {
    case .none: break
    case .l1Sum(let coefficient): losses.sparsity += Double(coefficient) * activity.sum * factor
    case .l1Mean(let coefficient): losses.sparsity += Double(coefficient) * activity.sum * factor / Double(m)
    case .l0(let coefficient): losses.sparsity += Double(coefficient) * activity.active * factor
    }
  }

  /// Whether slopes are needed of active latents only.
  private var canUseLists: Bool {
    guard allowsLists else { return false }
    return switch configuration.activation {
    case .relu, .topK, .batchTopK: true
    case .jumpReLU, .gated: false
    }
  }

  private mutating func activate(_ count: Int) -> LatentKernels.Activity {
    switch configuration.activation {
    case .relu:
      return LatentKernels.rectify(views.latents, bias: views.bias, rows: count, width: latentWidth)
    case .topK(let k):
      _ = LatentKernels.rectify(views.latents, bias: views.bias, rows: count, width: latentWidth)
      return LargestLatents.keep(k, ofEachOf: count, views.latents, width: latentWidth)
    case .batchTopK(let k):
      _ = LatentKernels.rectify(views.latents, bias: views.bias, rows: count, width: latentWidth)
      guard objective != nil else {
        return LargestLatents.keep(above: batchThreshold, views.latents, count: count * latentWidth)
      }
      let (activity, smallest) = LargestLatents.keep(k * count, of: views.latents, count: count * latentWidth)
      smallestActive = min(smallestActive, smallest)
      return activity
    case .jumpReLU:
      return LatentKernels.jump(
        views.preActivations, bias: views.bias, thresholds: views.factor, into: views.latents, rows: count,
        width: latentWidth)
    case .gated:
      return LatentKernels.gate(
        views.preActivations, gateBias: views.gateBias, factors: views.factor, bias: views.bias, gates: views.gates,
        into: views.latents, rows: count, width: latentWidth)
    }
  }

  /// Latents up to the slopes of reconstructions.
  mutating func decode(_ count: Int) {
    let scale = errorScale
    losses.reconstruction += scale * decode(views.latents, count, into: views.errors, views.decoderBiasSlopes)
    // What gates reconstruct teaches the gates only: the decoder and its bias are taken as constants there.
    if isGated { losses.auxiliary += scale * decode(views.gates, count, into: views.gateErrors, nil) }
  }

  private var errorScale: Double {
    objective?.reconstruction == .meanSquare ? 1 / (Double(samples) * Double(n)) : 1 / Double(samples)
  }

  private func decode(
    _ latents: UnsafePointer<Float>, _ count: Int, into errors: UnsafeMutablePointer<Float>,
    _ biasSlopes: UnsafeMutablePointer<Float>?
  ) -> Double {
    if usesLists {
      views.lists.decode(parameters.decoder, count: n, rows: count, into: errors, width: inputWidth)
    } else {
      BLAS.gemm(
        rows: count, columns: n, inner: m, latents, leadingA: latentWidth, parameters.decoder, leadingB: n, errors,
        leadingC: inputWidth)
    }
    return LatentKernels.errors(
      errors, bias: views.decoderBias, inputs: views.inputs, rows: count, width: inputWidth,
      scale: Float(2 * errorScale), biasSlopes: biasSlopes)
  }

  /// Slopes of latents, and what the block adds to the gradient; the first block writes over what was there.
  func backward(_ count: Int, into gradient: SparseAutoencoderPointers, isFirst: Bool) {
    if usesLists {
      if isFirst {
        gradient.decoder.update(repeating: 0, count: m * n)
        gradient.encoder?.update(repeating: 0, count: m * n)
      }
      return views.lists.backward(
        errors: views.errors, inputs: views.centered, rows: count, width: inputWidth, count: n,
        dictionary: parameters.decoder, penalty: penalties.sum, dictionarySlopes: gradient.decoder,
        encoderSlopes: gradient.encoderRows, biasSlopes: views.biasSlopes, counts: views.counts)
    }
    slopes(of: views.errors, count, into: views.slopes)
    if isGated { slopes(of: views.gateErrors, count, into: views.gateSlopes) }
    deactivate(count)
    BLAS.gemm(
      transposeA: true, rows: m, columns: n, inner: count, views.latents, leadingA: latentWidth, views.errors,
      leadingB: inputWidth, beta: isFirst ? 0 : 1, gradient.decoder, leadingC: n)
    // A tied encoder's gradient joins the decoder's.
    BLAS.gemm(
      transposeA: true, rows: m, columns: n, inner: count, views.slopes, leadingA: latentWidth, views.centered,
      leadingB: inputWidth, beta: isFirst && gradient.encoder != nil ? 0 : 1, gradient.encoderRows, leadingC: n)
  }

  private func slopes(of errors: UnsafePointer<Float>, _ count: Int, into slopes: UnsafeMutablePointer<Float>) {
    BLAS.gemm(
      transposeB: true, rows: count, columns: m, inner: n, errors, leadingA: inputWidth, parameters.decoder,
      leadingB: n, slopes, leadingC: latentWidth)
  }

  /// The slope of the penalty in a latent, and in the number of active ones.
  private var penalties: (sum: Float, number: Float) {
    guard let objective else { return (0, 0) }
    let factor = objective.penaltyFactor / Float(samples)
    return switch objective.penalty {
    case .none: (0, 0)
    case .l1Sum(let coefficient): (coefficient * factor, 0)
    case .l1Mean(let coefficient): (coefficient * factor / Float(m), 0)
    case .l0(let coefficient): (0, coefficient * factor)
    }
  }

  private func deactivate(_ count: Int) {
    let (penalty, stepPenalty) = penalties
    switch configuration.activation {
    case .relu, .topK, .batchTopK:
      LatentKernels.rectifiedSlopes(
        views.slopes, latents: views.latents, rows: count, width: latentWidth, penalty: penalty,
        biasSlopes: views.biasSlopes, counts: views.counts)
    case .jumpReLU(let bandwidth, _):
      LatentKernels.jumpSlopes(
        views.slopes, preActivations: views.preActivations, thresholds: views.factor, bandwidth: bandwidth,
        rows: count, width: latentWidth, penalty: penalty, stepPenalty: stepPenalty, biasSlopes: views.biasSlopes,
        thresholdSlopes: views.factorSlopes, counts: views.counts)
    case .gated:
      LatentKernels.gatedSlopes(
        views.slopes, gateSlopes: views.gateSlopes, preActivations: views.preActivations, gates: views.gates,
        latents: views.latents, factors: views.factor, rows: count, width: latentWidth, penalty: penalty,
        sums: (views.biasSlopes, views.gateBiasSlopes, views.factorSlopes, views.inputSlopes, views.counts))
    }
  }

  /// The gradient of what is summed over all blocks.
  func finish(into gradient: SparseAutoencoderPointers) {
    gradient.encoderBias.update(from: views.biasSlopes, count: m)
    gradient.gateBias?.update(from: views.gateBiasSlopes, count: m)
    gradient.magnitudeScale?.update(from: views.factorSlopes, count: m)
    // ∂ log θ = θ·∂θ
    if let slopes = gradient.logThreshold {
      for index in 0..<m { slopes[index] = views.factor[index] * views.factorSlopes[index] }
    }
    guard let slopes = gradient.decoderBias else { return }
    slopes.update(from: views.decoderBiasSlopes, count: n)
    guard configuration.decoderBias == .preEncoder else { return }
    BLAS.gemv(
      transpose: true, rows: m, columns: n, alpha: -1, parameters.encoderRows, leading: n,
      isGated ? views.inputSlopes : views.biasSlopes, beta: 1, slopes)
  }
}
