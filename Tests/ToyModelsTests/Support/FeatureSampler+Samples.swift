// Blocks of the sampler as rows that tests can count in.

import Tensors

@testable import ToyModels

extension FeatureSampler {
  /// A block's list of active entries.
  func entries(_ samples: Int, using random: inout RandomStream) -> [ActiveFeature] {
    let none = ActiveFeature(feature: 0, sample: 0, value: 0)
    var list = Array(repeating: none, count: samples * distribution.features)
    let count = list.withUnsafeMutableBufferPointer { list in
      list.baseAddress.map { drawList($0, samples: samples, using: &random) } ?? 0
    }
    return Array(list[..<count])
  }

  /// A block in the given form, as `[sample][feature]`.
  func samples(_ samples: Int, form: Form, using random: inout RandomStream) -> [[Float]] {
    let n = distribution.features
    var rows = Array(repeating: Array(repeating: Float(0), count: n), count: samples)
    switch form {
    case .list:
      for entry in entries(samples, using: &random) { rows[Int(entry.sample)][Int(entry.feature)] = entry.value }
    case .array:
      var x = Array(repeating: Float.nan, count: n * samples)
      x.withUnsafeMutableBufferPointer { x in
        if let x = x.baseAddress { drawArray(x, samples: samples, using: &random) }
      }
      for feature in 0..<n { for sample in 0..<samples { rows[sample][feature] = x[feature * samples + sample] } }
    }
    return rows
  }
}
