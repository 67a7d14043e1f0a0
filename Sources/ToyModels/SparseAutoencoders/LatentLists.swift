// A block of latents of which few are active, as lists: the products that follow the encoder over active latents only.
//
// A trained autoencoder has some dozen active latents of thousands, and what a zero multiplies need not be read. Adding a
// multiple of a dictionary vector costs more for each element than a matrix product does, so lists are for blocks with
// no more than one in `sparsity` of their latents active.

/// Where a block's active latents are, sample by sample.
struct LatentLists {
  typealias Elements = UnsafeMutablePointer<Float>
  private typealias Lanes = SIMD8<Float>

  /// The share of active latents, as one in so many, up to which lists are worth it.
  static let sparsity = 24

  /// Where each sample's list begins, and where the last ends: `[rows + 1]`.
  let starts: UnsafeMutablePointer<Int32>
  /// Which latents are active, and how much: room for one in `sparsity`.
  let columns: UnsafeMutablePointer<Int32>
  let values: Elements

  /// Writes down the latents `[rows, width]` that are active.
  func gather(_ latents: UnsafePointer<Float>, rows: Int, width: Int) {
    var count = 0
    for row in 0..<rows {
      starts[row] = Int32(count)
      let line = latents + row * width
      var first = 0
      while first < width {
        if any(load(line + first) .> 0) {
          for column in first..<first + 8 where line[column] > 0 {
            columns[count] = Int32(column)
            values[count] = line[column]
            count += 1
          }
        }
        first += 8
      }
    }
    starts[rows] = Int32(count)
  }

  /// Adds up dictionary vectors `[latent, count]` into padded rows of sums.
  func decode(_ dictionary: UnsafePointer<Float>, count: Int, rows: Int, into sums: Elements, width: Int) {
    for row in 0..<rows {
      let sum = sums + row * width
      sum.update(repeating: 0, count: width)
      for entry in Int(starts[row])..<Int(starts[row + 1]) {
        Self.add(values[entry], times: dictionary + Int(columns[entry]) * count, to: sum, count)
      }
    }
  }

  /// Adds to the gradients of dictionary and encoder, to biases' slopes and to counts what the block's errors say.
  func backward(
    errors: UnsafePointer<Float>, inputs: UnsafePointer<Float>, rows: Int, width: Int, count: Int,
    dictionary: UnsafePointer<Float>, penalty: Float, dictionarySlopes: Elements, encoderSlopes: Elements,
    biasSlopes: Elements, counts: Elements
  ) {
    for row in 0..<rows {
      let (error, input) = (errors + row * width, inputs + row * width)
      for entry in Int(starts[row])..<Int(starts[row + 1]) {
        let latent = Int(columns[entry])
        let slope = LatentKernels.dot(error, dictionary + latent * count, count) + penalty
        biasSlopes[latent] += slope
        counts[latent] += 1
        Self.add(values[entry], times: error, to: dictionarySlopes + latent * count, count)
        Self.add(slope, times: input, to: encoderSlopes + latent * count, count)
      }
    }
  }

  @inline(__always)
  private static func add(_ factor: Float, times vector: UnsafePointer<Float>, to sum: Elements, _ count: Int) {
    var index = 0
    while index + 8 <= count {
      let lanes = load(sum + index) + factor * load(vector + index)
      UnsafeMutableRawPointer(sum + index).storeBytes(of: lanes, as: Lanes.self)
      index += 8
    }
    while index < count {
      sum[index] += factor * vector[index]
      index += 1
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> Lanes {
    UnsafeRawPointer(pointer).loadUnaligned(as: Lanes.self)
  }

  @inline(__always)
  private func load(_ pointer: UnsafePointer<Float>) -> Lanes { Self.load(pointer) }
}
