// The passes over latents and errors between the matrix products of a sparse autoencoder, eight lanes at a time.
//
// Rows are padded to whole vectors. The padding is zero on the way in and stays zero, so that no pass needs a remainder
// and none counts it. Sums over samples go into one row of accumulators, in the order of the samples.

enum LatentKernels {
  typealias Elements = UnsafeMutablePointer<Float>
  private typealias Lanes = SIMD8<Float>

  /// The length of a row with its padding.
  static func padded(_ count: Int) -> Int { (count + 7) / 8 * 8 }

  /// What a pass saw: the sum of what is penalised, and how many latents were active.
  struct Activity {
    var sum = 0.0
    var active = 0.0

    static func += (left: inout Activity, right: Activity) {
      left.sum += right.sum
      left.active += right.active
    }
  }

  // MARK: - Inputs and errors

  /// Copies rows into padded ones, and once more without a bias.
  static func center(
    _ inputs: UnsafePointer<Float>, count: Int, rows: Int, bias: Elements?, into copy: Elements, _ centered: Elements
  ) {
    let width = padded(count)
    for row in 0..<rows {
      let (from, to, middle) = (inputs + row * count, copy + row * width, centered + row * width)
      for index in 0..<count { to[index] = from[index] }
      if let bias {
        for index in 0..<count { middle[index] = from[index] - bias[index] }
      } else {
        for index in 0..<count { middle[index] = from[index] }
      }
    }
  }

  /// Makes slopes of what latents add up to: (values + bias − inputs)·scale; returns the sum of the squared errors.
  static func errors(
    _ values: Elements, bias: Elements, inputs: Elements, rows: Int, width: Int, scale: Float, biasSlopes: Elements?
  ) -> Double {
    var total = 0.0
    for row in 0..<rows {
      let (value, input) = (values + row * width, inputs + row * width)
      var squares = Lanes.zero
      var index = 0
      while index < width {
        let error = load(value + index) + load(bias + index) - load(input + index)
        squares += error * error
        let slope = error * scale
        store(slope, value + index)
        if let biasSlopes { store(load(biasSlopes + index) + slope, biasSlopes + index) }
        index += 8
      }
      total += Double(squares.sum())
    }
    return total
  }

  // MARK: - ReLU, TopK, BatchTopK

  /// Adds the bias and takes the positive part.
  static func rectify(_ values: Elements, bias: Elements, rows: Int, width: Int) -> Activity {
    var activity = Activity()
    for row in 0..<rows {
      let line = values + row * width
      var (sum, active) = (Lanes.zero, Lanes.zero)
      var index = 0
      while index < width {
        let value = load(line + index) + load(bias + index)
        let isActive = value .> 0
        let latent = Lanes.zero.replacing(with: value, where: isActive)
        sum += latent
        active += Lanes.zero.replacing(with: 1, where: isActive)
        store(latent, line + index)
        index += 8
      }
      activity += Activity(sum: Double(sum.sum()), active: Double(active.sum()))
    }
    return activity
  }

  /// Makes slopes of pre-activations of those of latents, in place; counts where each latent is active.
  static func rectifiedSlopes(
    _ slopes: Elements, latents: Elements, rows: Int, width: Int, penalty: Float, biasSlopes: Elements, counts: Elements
  ) {
    for row in 0..<rows {
      let (slope, latent) = (slopes + row * width, latents + row * width)
      var index = 0
      while index < width {
        let isActive = load(latent + index) .> 0
        let value = Lanes.zero.replacing(with: load(slope + index) + penalty, where: isActive)
        store(value, slope + index)
        store(load(biasSlopes + index) + value, biasSlopes + index)
        store(load(counts + index) + Lanes.zero.replacing(with: 1, where: isActive), counts + index)
        index += 8
      }
    }
  }

  // MARK: - JumpReLU

  /// Adds the bias and takes the positive part, in place, and of that what exceeds the thresholds.
  static func jump(
    _ values: Elements, bias: Elements, thresholds: Elements, into latents: Elements, rows: Int, width: Int
  ) -> Activity {
    var activity = Activity()
    for row in 0..<rows {
      let (line, latent) = (values + row * width, latents + row * width)
      var (sum, active) = (Lanes.zero, Lanes.zero)
      var index = 0
      while index < width {
        var value = load(line + index) + load(bias + index)
        value.replace(with: 0, where: value .< 0)
        let isActive = value .> load(thresholds + index)
        let kept = Lanes.zero.replacing(with: value, where: isActive)
        sum += kept
        active += Lanes.zero.replacing(with: 1, where: isActive)
        store(value, line + index)
        store(kept, latent + index)
        index += 8
      }
      activity += Activity(sum: Double(sum.sum()), active: Double(active.sum()))
    }
    return activity
  }

  /// The same for thresholds: slopes pass where latents are active, and thresholds have those of their neighbourhood.
  ///
  /// A latent is θ·H(π − θ) + …, and the count of active ones H(π − θ), where dH/dθ is estimated by −K((π − θ)/ε)/ε with
  /// a rectangle K of unit width (Rajamanoharan et al. 2024b, equations 11 and 12).
  static func jumpSlopes(
    _ slopes: Elements, preActivations: Elements, thresholds: Elements, bandwidth: Float, rows: Int, width: Int,
    penalty: Float, stepPenalty: Float, biasSlopes: Elements, thresholdSlopes: Elements, counts: Elements
  ) {
    let density = 1 / bandwidth
    for row in 0..<rows {
      let (slope, line) = (slopes + row * width, preActivations + row * width)
      var index = 0
      while index < width {
        let (value, threshold) = (load(line + index), load(thresholds + index))
        let full = load(slope + index) + penalty
        let isActive = value .> threshold
        let distance = (value - threshold) * density
        let isNear = (distance .> -0.5) .& (distance .< 0.5)
        let passed = Lanes.zero.replacing(with: full, where: isActive)
        let moved = Lanes.zero.replacing(with: density * (threshold * full + stepPenalty), where: isNear)
        store(passed, slope + index)
        store(load(biasSlopes + index) + passed, biasSlopes + index)
        store(load(thresholdSlopes + index) - moved, thresholdSlopes + index)
        store(load(counts + index) + Lanes.zero.replacing(with: 1, where: isActive), counts + index)
        index += 8
      }
    }
  }

  // MARK: - Gated

  /// Gates ReLU(π + b_gate), and where they are open the magnitudes ReLU(eʳπ + b_mag); the sum is the gates'.
  static func gate(
    _ values: Elements, gateBias: Elements, factors: Elements, bias: Elements, gates: Elements, into latents: Elements,
    rows: Int, width: Int
  ) -> Activity {
    var activity = Activity()
    for row in 0..<rows {
      let (line, gate, latent) = (values + row * width, gates + row * width, latents + row * width)
      var (sum, active) = (Lanes.zero, Lanes.zero)
      var index = 0
      while index < width {
        let value = load(line + index)
        let opening = value + load(gateBias + index)
        let magnitude = load(factors + index) * value + load(bias + index)
        let isOpen = opening .> 0
        let isActive = isOpen .& (magnitude .> 0)
        let open = Lanes.zero.replacing(with: opening, where: isOpen)
        sum += open
        active += Lanes.zero.replacing(with: 1, where: isActive)
        store(open, gate + index)
        store(Lanes.zero.replacing(with: magnitude, where: isActive), latent + index)
        index += 8
      }
      activity += Activity(sum: Double(sum.sum()), active: Double(active.sum()))
    }
    return activity
  }

  /// Makes slopes of π of those of latents, in place, and of gates; sums are of magnitudes, gates, eʳ·π, π, activity.
  static func gatedSlopes(
    _ slopes: Elements, gateSlopes: Elements, preActivations: Elements, gates: Elements, latents: Elements,
    factors: Elements, rows: Int, width: Int, penalty: Float,
    sums: (bias: Elements, gateBias: Elements, factor: Elements, input: Elements, counts: Elements)
  ) {
    for row in 0..<rows {
      let start = row * width
      var index = 0
      while index < width {
        let isActive = load(latents + start + index) .> 0
        let isOpen = load(gates + start + index) .> 0
        let magnitude = Lanes.zero.replacing(with: load(slopes + start + index), where: isActive)
        let opening = Lanes.zero.replacing(with: load(gateSlopes + start + index) + penalty, where: isOpen)
        let scaled = magnitude * load(factors + index)
        let total = scaled + opening
        store(total, slopes + start + index)
        store(load(sums.bias + index) + magnitude, sums.bias + index)
        store(load(sums.gateBias + index) + opening, sums.gateBias + index)
        store(load(sums.factor + index) + scaled * load(preActivations + start + index), sums.factor + index)
        store(load(sums.input + index) + total, sums.input + index)
        store(load(sums.counts + index) + Lanes.zero.replacing(with: 1, where: isActive), sums.counts + index)
        index += 8
      }
    }
  }

  // MARK: - Vectors

  /// The scalar product of two vectors of any length.
  static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Float {
    var sums = Lanes.zero
    var index = 0
    while index + 8 <= count {
      sums += load(a + index) * load(b + index)
      index += 8
    }
    var total = sums.sum()
    while index < count {
      total += a[index] * b[index]
      index += 1
    }
    return total
  }

  // MARK: - Lanes

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private static func store(_ lanes: Lanes, _ pointer: Elements) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: Lanes.self)
  }
}
