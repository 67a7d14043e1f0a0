// One training step of a superposition model with its gradient written out, fused over a block of samples.
//
// The block is small enough to stay in the first-level cache, its data are drawn where they are used, and samples in
// which no feature is active, most of them at high sparsity, are never laid out: such a sample gives the output b
// activated and contributes to the bias alone. What remains is the loss of the paper,
//
//   L = 1/(B·n) Σ_samples Σ_i I_i (t_i − y_i)²,    y = σ(D h + b),    h = τ(Eᵀ x),
//
// with σ and τ the output and hidden activations, E and D the encoder and decoder (D = E when tied; the notebook's
// normalisation, a mean over samples and features). The general, differentiated model on a tape gives the same numbers
// to rounding, as the tests check.

import Tensors

/// What distinguishes one instance's task: where its data come from and how much each feature matters.
struct SuperpositionTask {
  let sampler: FeatureSampler
  let importance: [Float]
  /// Samples drawn together: so many that those that are not empty fill the cache without spilling.
  let block: Int

  init(_ distribution: FeatureDistribution, importance: [Float], hidden: Int) {
    sampler = FeatureSampler(distribution)
    self.importance = importance
    var empty: Float = 1
    for density in distribution.marginalDensities { empty *= 1 - density }
    let rows = max(12_288 / Float(distribution.features + hidden), 32)
    block = min(1024, Int(rows / max(1 - empty, 0.02)) / 32 * 32)
  }
}

/// Raw views of one instance's parameters, or of their gradient: encoder and decoder `[feature, hidden]`, bias
/// `[feature]`; in tied models the decoder is the encoder.
struct SuperpositionParameters {
  var encoder: UnsafeMutablePointer<Float>
  var decoder: UnsafeMutablePointer<Float>
  var bias: UnsafeMutablePointer<Float>
}

/// Reusable memory and the fused forward and backward pass for the models of one architecture.
struct SuperpositionStep {
  private let architecture: SuperpositionArchitecture
  /// x, then pre-activations, then ∂L/∂pre-activation, `[feature, sample]`; h and ∂L/∂h, `[sample, hidden]`.
  private var floats: Tensor
  private var entries: [ActiveFeature]
  /// The position of each sample of the block among those that are not empty, or −1.
  private var packedIndex: [Int32]
  private let capacity: Int

  /// Creates memory for blocks of at most `capacity` samples.
  init(architecture: SuperpositionArchitecture, capacity: Int) {
    let (n, m) = (architecture.features, architecture.hidden)
    self.architecture = architecture
    self.capacity = capacity
    floats = Tensor(zeros: [2 * (n + m) * capacity])
    entries = Array(repeating: ActiveFeature(feature: 0, sample: 0, value: 0), count: n * capacity)
    packedIndex = Array(repeating: -1, count: capacity)
  }

  /// Adds one instance's gradient over `samples` fresh samples to `gradient` and returns the summed weighted loss.
  ///
  /// Without a gradient the loss alone is computed.
  mutating func accumulate(
    _ task: SuperpositionTask, samples: Int, parameters: SuperpositionParameters, gradient: SuperpositionParameters?,
    using random: inout RandomStream
  ) -> Double {
    forEachBlock(of: task, samples: samples, parameters, gradient) { pass, memory, block in
      if task.sampler.isDense {
        task.sampler.drawArray(memory.x, samples: block.count, using: &random)
        pass.dense(block.count, memory)
      } else {
        let active = task.sampler.drawList(memory.entries, samples: block.count, using: &random)
        pass.sparse(block.count, active: active, memory)
      }
    }
  }

  /// Does the same for given samples x, `[sample, feature]`, laid out as the sampler would as an array or as a list.
  mutating func accumulate(
    _ task: SuperpositionTask, given x: Tensor, asList: Bool, parameters: SuperpositionParameters,
    gradient: SuperpositionParameters?
  ) -> Double {
    let n = architecture.features
    precondition(x.rank == 2 && x.shape[1] == n, "samples of shape \(x.shape) for \(n) features")
    return x.withUnsafeElements { x in
      forEachBlock(of: task, samples: x.count / n, parameters, gradient) { pass, memory, block in
        var active = 0
        for feature in 0..<n {
          for (sample, row) in block.enumerated() {
            let value = x[row * n + feature]
            if !asList {
              memory.x[feature * block.count + sample] = value
            } else if value != 0 {
              memory.entries[active] = ActiveFeature(feature: Int32(feature), sample: Int32(sample), value: value)
              active += 1
            }
          }
        }
        if asList { pass.sparse(block.count, active: active, memory) } else { pass.dense(block.count, memory) }
      }
    }
  }

  /// Goes through the samples block by block and returns the summed weighted loss.
  private mutating func forEachBlock(
    of task: SuperpositionTask, samples: Int, _ parameters: SuperpositionParameters,
    _ gradient: SuperpositionParameters?, _ body: (inout BlockPass, BlockMemory, Range<Int>) -> Void
  ) -> Double {
    let (n, m, capacity) = (architecture.features, architecture.hidden, capacity)
    let scale = 2 / (Float(samples) * Float(n))
    var pass = BlockPass(
      architecture: architecture, task: task, parameters: parameters, gradient: gradient, scale: scale)
    return floats.withUnsafeMutableElements { floats in
      entries.withUnsafeMutableBufferPointer { entries in
        packedIndex.withUnsafeMutableBufferPointer { packedIndex in
          guard let x = floats.baseAddress, let entries = entries.baseAddress, let packedIndex = packedIndex.baseAddress
          else { return 0 }
          let (y, h, dh) = (x + n * capacity, x + 2 * n * capacity, x + (2 * n + m) * capacity)
          let memory = BlockMemory(x: x, y: y, h: h, dh: dh, entries: entries, packedIndex: packedIndex)
          var start = 0
          while start < samples {
            let end = start + min(samples - start, min(task.block, capacity))
            body(&pass, memory, start..<end)
            start = end
          }
          return pass.loss
        }
      }
    }
  }
}

/// Views of a step's memory: x and y `[feature, sample]`, h and ∂L/∂h `[sample, hidden]`, and the list form of x.
private struct BlockMemory {
  let x: UnsafeMutablePointer<Float>
  let y: UnsafeMutablePointer<Float>
  let h: UnsafeMutablePointer<Float>
  let dh: UnsafeMutablePointer<Float>
  let entries: UnsafeMutablePointer<ActiveFeature>
  let packedIndex: UnsafeMutablePointer<Int32>
}

/// The arithmetic of one block; the loops stay in this file, beside their caller, so that they are inlined.
private struct BlockPass {
  let architecture: SuperpositionArchitecture
  let task: SuperpositionTask
  let parameters: SuperpositionParameters
  let gradient: SuperpositionParameters?
  let scale: Float
  var loss = 0.0

  private var n: Int { architecture.features }
  private var m: Int { architecture.hidden }

  /// A block whose x is laid out in full.
  mutating func dense(_ count: Int, _ memory: BlockMemory) {
    BLAS.gemm(
      transposeA: true, rows: count, columns: m, inner: n, memory.x, leadingA: count, parameters.encoder, leadingB: m,
      memory.h, leadingC: m)
    decode(count, memory)
    guard let gradient else { return }
    BLAS.gemm(
      rows: n, columns: m, inner: count, memory.x, leadingA: count, memory.dh, leadingB: m, beta: 1, gradient.encoder,
      leadingC: m)
  }

  /// A block given as the list of what is active in it; only samples that are not empty are laid out.
  mutating func sparse(_ samples: Int, active: Int, _ memory: BlockMemory) {
    let list = UnsafeMutableBufferPointer(start: memory.entries, count: active)
    let count = Self.pack(list, samples: samples, packedIndex: memory.packedIndex)
    empty(samples - count)
    guard count > 0 else { return }
    memory.x.update(repeating: 0, count: n * count)
    memory.h.update(repeating: 0, count: m * count)
    // Spelled out for the sizes of the plane and of space, so that the short loops over dimensions unroll.
    switch m {
    case 2: encode(list, count, memory, m: 2)
    case 3: encode(list, count, memory, m: 3)
    default: encode(list, count, memory, m: m)
    }
    decode(count, memory)
    guard let gradient else { return }
    switch m {
    case 2: accumulate(list, memory, into: gradient.encoder, m: 2)
    case 3: accumulate(list, memory, into: gradient.encoder, m: 3)
    default: accumulate(list, memory, into: gradient.encoder, m: m)
    }
  }

  /// Lays out x and adds up h = x E from the entries.
  @inline(__always)
  private func encode(
    _ list: UnsafeMutableBufferPointer<ActiveFeature>, _ count: Int, _ memory: BlockMemory, m: Int
  ) {
    for entry in list {
      let (feature, sample) = (Int(entry.feature), Int(entry.sample))
      memory.x[feature * count + sample] = entry.value
      Self.add(parameters.encoder + feature * m, times: entry.value, to: memory.h + sample * m, count: m)
    }
  }

  /// ∂E += xᵀ ∂h from the entries.
  @inline(__always)
  private func accumulate(
    _ list: UnsafeMutableBufferPointer<ActiveFeature>, _ memory: BlockMemory,
    into gradient: UnsafeMutablePointer<Float>, m: Int
  ) {
    for entry in list {
      let (feature, sample) = (Int(entry.feature), Int(entry.sample))
      Self.add(memory.dh + sample * m, times: entry.value, to: gradient + feature * m, count: m)
    }
  }

  /// Samples in which nothing is active: h = τ(0) = 0, so y = σ(b).
  private mutating func empty(_ count: Int) {
    guard count > 0 else { return }
    for feature in 0..<n {
      let bias = parameters.bias[feature]
      let output = architecture.outputActivation == .relu ? max(bias, 0) : bias
      let weighted = task.importance[feature] * output
      loss += Double(weighted * output) * Double(count)
      if let gradient { gradient.bias[feature] += scale * weighted * Float(count) }
    }
  }

  /// From h's pre-activation to the loss, and back to ∂L/∂h; the decoder's and the bias's gradients on the way.
  private mutating func decode(_ count: Int, _ memory: BlockMemory) {
    let (x, y, h, dh) = (memory.x, memory.y, memory.h, memory.dh)
    if architecture.hiddenActivation == .relu {
      for index in 0..<count * m { h[index] = max(h[index], 0) }
    }
    BLAS.gemm(
      transposeB: true, rows: n, columns: count, inner: m, parameters.decoder, leadingA: m, h, leadingB: m,
      y, leadingC: count)
    for feature in 0..<n {
      let (squares, slope) = Self.error(
        y + feature * count, x + feature * count, bias: parameters.bias[feature], count: count,
        rectified: architecture.outputActivation == .relu, magnitude: architecture.target == .magnitude,
        scale: scale * task.importance[feature])
      loss += Double(task.importance[feature]) * Double(squares)
      if let gradient { gradient.bias[feature] += slope }
    }
    guard let gradient else { return }
    BLAS.gemm(
      rows: n, columns: m, inner: count, y, leadingA: count, h, leadingB: m, beta: 1, gradient.decoder, leadingC: m)
    BLAS.gemm(
      transposeA: true, rows: count, columns: m, inner: n, y, leadingA: count, parameters.decoder, leadingB: m,
      dh, leadingC: m)
    if architecture.hiddenActivation == .relu {
      for index in 0..<count * m { dh[index] = h[index] > 0 ? dh[index] : 0 }
    }
  }

  /// Renumbers the samples of a list so that empty ones are left out, in the order met, and returns how many remain.
  private static func pack(
    _ list: UnsafeMutableBufferPointer<ActiveFeature>, samples: Int, packedIndex: UnsafeMutablePointer<Int32>
  ) -> Int {
    packedIndex.update(repeating: -1, count: samples)
    var packed: Int32 = 0
    for entry in list.indices {
      let sample = Int(list[entry].sample)
      if packedIndex[sample] < 0 {
        packedIndex[sample] = packed
        packed += 1
      }
      list[entry].sample = packedIndex[sample]
    }
    return Int(packed)
  }

  @inline(__always)
  private static func add(
    _ source: UnsafePointer<Float>, times factor: Float, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count { target[index] += factor * source[index] }
  }

  /// Turns one feature's products y into ∂L/∂(y + b) in place; returns Σ error² and the summed slope.
  ///
  /// Eight partial sums in fixed order keep the vector units busy and the bits reproducible.
  private static func error(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, bias: Float, count: Int, rectified: Bool,
    magnitude: Bool, scale: Float
  ) -> (squares: Float, slope: Float) {
    let floor: Float = rectified ? 0 : -.infinity
    let floors = SIMD8(repeating: floor)
    var squares = SIMD8<Float>.zero
    var slopes = SIMD8<Float>.zero
    let whole = count / 8 * 8
    var index = 0
    while index < whole {
      let before = UnsafeRawPointer(y + index).loadUnaligned(as: SIMD8<Float>.self) + bias
      var target = UnsafeRawPointer(x + index).loadUnaligned(as: SIMD8<Float>.self)
      if magnitude { target.replace(with: -target, where: target .< 0) }
      let isAbove = before .> floors
      let error = floors.replacing(with: before, where: isAbove) - target
      squares += error * error
      let slope = SIMD8<Float>.zero.replacing(with: error * scale, where: isAbove)
      slopes += slope
      UnsafeMutableRawPointer(y + index).storeBytes(of: slope, as: SIMD8<Float>.self)
      index += 8
    }
    var (square, total) = (squares.sum(), slopes.sum())
    while index < count {
      let before = y[index] + bias
      let target = magnitude ? abs(x[index]) : x[index]
      let isAbove = before > floor
      let error = (isAbove ? before : floor) - target
      square += error * error
      y[index] = isAbove ? error * scale : 0
      total += y[index]
      index += 1
    }
    return (square, total)
  }
}
