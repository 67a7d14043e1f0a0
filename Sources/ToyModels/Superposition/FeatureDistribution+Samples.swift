// Samples laid out in full, for looking at models from outside the training step.

import Tensors

extension FeatureDistribution {
  /// Draws samples as an array `[sample, feature]`.
  public func samples(_ count: Int, using random: RandomStream) -> Tensor {
    var random = random
    let sampler = FeatureSampler(self)
    var tensor = Tensor(zeros: [count, features])
    if sampler.isDense {
      var columns = [Float](repeating: 0, count: count * features)
      columns.withUnsafeMutableBufferPointer { columns in
        guard let base = columns.baseAddress else { return }
        sampler.drawArray(base, samples: count, using: &random)
      }
      tensor.withUnsafeMutableElements { elements in
        for sample in 0..<count {
          for feature in 0..<features { elements[sample * features + feature] = columns[feature * count + sample] }
        }
      }
    } else {
      var entries = [ActiveFeature](
        repeating: ActiveFeature(feature: 0, sample: 0, value: 0), count: count * features)
      let active = entries.withUnsafeMutableBufferPointer { entries in
        entries.baseAddress.map { sampler.drawList($0, samples: count, using: &random) } ?? 0
      }
      tensor.withUnsafeMutableElements { elements in
        for entry in entries[..<active] {
          elements[Int(entry.sample) * features + Int(entry.feature)] = entry.value
        }
      }
    }
    return tensor
  }
}
