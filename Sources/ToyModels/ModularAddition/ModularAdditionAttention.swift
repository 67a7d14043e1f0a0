// Attention of the modular-addition model, as little of it as there is: only "=" asks, only three positions answer, and
// at each position stand one of p known tokens.
//
// So keys and values exist for 2p + 1 rows, whatever the number of pairs: row a for the first number, p + b for the
// second, 2p for "=". A head's score of a row is one number, x·u with u = W_K q/√dHead; a pair gathers three of them.

import Tensors

/// The attention from "=" for a block of pairs, forward and backward.
struct ModularAdditionAttention {
  let prime: Int
  let nHeads: Int
  let dHead: Int

  private var width: Int { nHeads * dHead }

  /// Mixes values: `pattern` `[pair, head, 3]` and `z` `[pair, head, dHead]` from `scores` `[row, head]` and `values`
  /// `[row, head, dHead]`.
  func mix(
    _ a: UnsafePointer<Int>, _ b: UnsafePointer<Int>, count: Int, scores: UnsafePointer<Float>,
    values: UnsafePointer<Float>, pattern: UnsafeMutablePointer<Float>, z: UnsafeMutablePointer<Float>
  ) {
    let (equals, wide) = (2 * prime, dHead / 8 * 8)
    for pair in 0..<count {
      let (first, second) = (a[pair], prime + b[pair])
      for head in 0..<nHeads {
        let (s0, s1) = (scores[first * nHeads + head], scores[second * nHeads + head])
        let s2 = scores[equals * nHeads + head]
        let top = max(s0, max(s1, s2))
        let (e0, e1, e2) = (Elementary.exp(s0 - top), Elementary.exp(s1 - top), Elementary.exp(s2 - top))
        let total = 1 / (e0 + e1 + e2)
        let (w0, w1, w2) = (e0 * total, e1 * total, e2 * total)
        let place = (pair * nHeads + head) * 3
        pattern[place] = w0
        pattern[place + 1] = w1
        pattern[place + 2] = w2
        let (v0, v1) = (values + first * width + head * dHead, values + second * width + head * dHead)
        let v2 = values + equals * width + head * dHead
        let target = z + pair * width + head * dHead
        var index = 0
        while index < wide {
          store(w0 * load(v0 + index) + w1 * load(v1 + index) + w2 * load(v2 + index), target + index)
          index += 8
        }
        while index < dHead {
          target[index] = w0 * v0[index] + w1 * v1[index] + w2 * v2[index]
          index += 1
        }
      }
    }
  }

  /// Adds to the slopes of scores `[row, head]` and of values `[row, head, dHead]` what `zSlope` `[pair, head, dHead]`
  /// gives.
  func accumulate(
    _ a: UnsafePointer<Int>, _ b: UnsafePointer<Int>, count: Int, values: UnsafePointer<Float>,
    pattern: UnsafePointer<Float>, zSlope: UnsafePointer<Float>, scoreSlope: UnsafeMutablePointer<Float>,
    valueSlope: UnsafeMutablePointer<Float>
  ) {
    let (equals, wide) = (2 * prime, dHead / 8 * 8)
    for pair in 0..<count {
      let (first, second) = (a[pair], prime + b[pair])
      for head in 0..<nHeads {
        let place = (pair * nHeads + head) * 3
        let (w0, w1, w2) = (pattern[place], pattern[place + 1], pattern[place + 2])
        let (at0, at1) = (first * width + head * dHead, second * width + head * dHead)
        let at2 = equals * width + head * dHead
        let slope = zSlope + pair * width + head * dHead
        var (sum0, sum1, sum2) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
        var index = 0
        while index < wide {
          let dz = load(slope + index)
          sum0 += dz * load(values + at0 + index)
          sum1 += dz * load(values + at1 + index)
          sum2 += dz * load(values + at2 + index)
          add(w0 * dz, valueSlope + at0 + index)
          add(w1 * dz, valueSlope + at1 + index)
          add(w2 * dz, valueSlope + at2 + index)
          index += 8
        }
        var (d0, d1, d2) = (sum0.sum(), sum1.sum(), sum2.sum())
        while index < dHead {
          let dz = slope[index]
          d0 += dz * values[at0 + index]
          d1 += dz * values[at1 + index]
          d2 += dz * values[at2 + index]
          valueSlope[at0 + index] += w0 * dz
          valueSlope[at1 + index] += w1 * dz
          valueSlope[at2 + index] += w2 * dz
          index += 1
        }
        let average = w0 * d0 + w1 * d1 + w2 * d2
        scoreSlope[first * nHeads + head] += w0 * (d0 - average)
        scoreSlope[second * nHeads + head] += w1 * (d1 - average)
        scoreSlope[equals * nHeads + head] += w2 * (d2 - average)
      }
    }
  }

  @inline(__always)
  private func load(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private func store(_ lanes: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: SIMD8<Float>.self)
  }

  @inline(__always)
  private func add(_ lanes: SIMD8<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    store(load(pointer) + lanes, pointer)
  }
}
