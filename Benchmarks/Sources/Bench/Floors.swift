// What no program on this library and this memory can go below: the matrix products of a case and nothing else, and one
// pass over the weights.
//
// The goals of the cases were set against peers on another processor. A case's time divided by its floor says how much
// of it is the engine's own, on any machine; the peer's time divided by the floor, how much could be gained at all.

import Tensors

extension Bench {
  /// Times the products of forward passes and patched runs, training steps and autoencoders, and one pass over 500 MB.
  static func floors() {
    forwardFloors()
    trainingFloors()
    autoencoderFloor()
    memoryFloor()
  }

  private static func forwardFloors() {
    for (batch, positions) in [(1, 15), (8, 15), (4, 256), (1, 1024)] {
      let products = Products(batch: batch, positions: positions, width: 768, heads: 12, mlp: 3072, vocabulary: 50_257)
      floor("gpt2.floor.fwd_\(batch)x\(positions)", products.pass(layers: 12))
    }
    floor("gpt2.floor.patch_heads_144_8x15", patchedHeads())
  }

  /// What 144 patched runs of 8 × 15 tokens cannot do without: the twelve heads of a layer are rows of one batch,
  /// nothing before the patch is computed again, and in the last layer only keys and values need every position.
  private static func patchedHeads() -> [Product] {
    let (layers, width, mlp, runs) = (12, 768, 3072, 12 * 8)
    func behindAttention(_ rows: Int) -> [Product] {
      [Product(rows, width, width), Product(rows, width, mlp), Product(rows, mlp, width)]
    }
    let whole = Products(batch: runs, positions: 15, width: width, heads: 12, mlp: mlp, vocabulary: 50_257).layer
    let last = [Product(runs * 15, width, 2 * width), Product(runs, width, width)] + behindAttention(runs)
    return (0..<layers - 1).flatMap { patched in
      behindAttention(runs * 15) + (patched + 1..<layers - 1).flatMap { _ in whole } + last
    } + behindAttention(runs)
  }

  private static func trainingFloors() {
    for (width, heads, vocabulary, positions, batch) in [
      (128, 4, 512, 64, 32), (128, 8, 5000, 128, 32), (256, 8, 5000, 128, 64),
    ] {
      let products = Products(
        batch: batch, positions: positions, width: width, heads: heads, mlp: 0, vocabulary: vocabulary)
      // A backward pass is two more of each product.
      let pass = products.pass(layers: 2)
      floor("attnonly.floor.d\(width)_h\(heads)_V\(vocabulary)_T\(positions)_B\(batch)_step", pass + pass + pass)
    }
  }

  private static func autoencoderFloor() {
    // Encoder, decoder, and the slopes of both and of the latents.
    let forward = [Product(4096, 512, 4096), Product(4096, 4096, 512)]
    let slopes = [Product(4096, 512, 4096), Product(512, 4096, 4096), Product(4096, 4096, 512)]
    floor("sae.floor.512x4096_B4096_step", forward + slopes)
  }

  private static func memoryFloor() {
    let weights = [Float](repeating: 0.5, count: 125_000_000)
    measure("memory.floor.read_500MB", work: Double(4 * weights.count), unit: "B") {
      weights.withUnsafeBufferPointer { buffer in
        if let base = buffer.baseAddress { _ = BLAS.dot(buffer.count, base, base) }
      }
    }
  }

  /// One product of `[rows, inner]` with `[inner, columns]`.
  private struct Product {
    let rows, inner, columns: Int

    init(_ rows: Int, _ inner: Int, _ columns: Int) {
      (self.rows, self.inner, self.columns) = (rows, inner, columns)
    }

    var flops: Double { 2 * Double(rows) * Double(inner) * Double(columns) }
  }

  /// The shapes of one forward pass.
  private struct Products {
    let batch, positions, width, heads, mlp, vocabulary: Int

    /// The products of one layer; no score above the diagonal is computed, in blocks of 64 queries.
    var layer: [Product] {
      let tokens = batch * positions
      var products = [Product(tokens, width, 3 * width), Product(tokens, width, width)]
      if mlp > 0 { products += [Product(tokens, width, mlp), Product(tokens, mlp, width)] }
      let size = width / heads
      for _ in 0..<batch * heads {
        for start in stride(from: 0, to: positions, by: 64) {
          let end = min(start + 64, positions)
          products += [Product(end - start, size, end), Product(end - start, end, size)]
        }
      }
      return products
    }

    /// All layers and the unembedding.
    func pass(layers: Int) -> [Product] {
      (0..<layers).flatMap { _ in layer } + [Product(batch * positions, width, vocabulary)]
    }
  }

  /// Times products one after the other.
  private static func floor(_ name: String, _ products: [Product]) {
    guard isWanted(name) else { return }
    // Large operands are read where they lie one after another, as weights do; the rest stays where caches keep it.
    let largest = products.map { $0.inner * $0.columns }.reduce(0, max)
    let room = max(largest, min(products.reduce(0) { $0 + $1.inner * $1.columns }, 125_000_000))
    var weights = [Float](repeating: 0.01, count: room)
    var input = [Float](repeating: 0.5, count: products.map { $0.rows * $0.inner }.reduce(0, max))
    var output = [Float](repeating: 0, count: products.map { $0.rows * $0.columns }.reduce(0, max))
    measure(name, work: products.reduce(0) { $0 + $1.flops }, unit: "flop") {
      weights.withUnsafeMutableBufferPointer { weights in
        input.withUnsafeMutableBufferPointer { input in
          output.withUnsafeMutableBufferPointer { output in
            guard let w = weights.baseAddress, let x = input.baseAddress, let y = output.baseAddress else { return }
            var start = 0
            for product in products {
              if start + product.inner * product.columns > room { start = 0 }
              BLAS.gemm(
                rows: product.rows, columns: product.columns, inner: product.inner, x, leadingA: product.inner,
                w + start, leadingB: product.columns, y, leadingC: product.columns)
              start += product.inner * product.columns
            }
          }
        }
      }
    }
  }
}
