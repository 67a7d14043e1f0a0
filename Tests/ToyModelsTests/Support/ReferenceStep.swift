// The loss and its gradient written as plainly as possible, in double precision, sample by sample.

import Tensors

@testable import ToyModels

/// What one instance's loss and gradient are on given samples.
struct ReferenceStep {
  /// 1/(B·n) Σ_samples Σ_i I_i (t_i − y_i)².
  private(set) var loss = 0.0
  private(set) var encoder: [Double]
  private(set) var decoder: [Double]
  private(set) var bias: [Double]

  /// - Parameter x: The samples, `[sample, feature]`.
  init(_ model: SuperpositionModel, instance: Int, x: Tensor, importance: [Float]) {
    let (n, m, samples) = (model.architecture.features, model.architecture.hidden, x.shape[0])
    let size = n * m
    let e = model.encoder.elements[instance * size..<(instance + 1) * size].map(Double.init)
    let d = model.decoder.map { $0.elements[instance * size..<(instance + 1) * size].map(Double.init) } ?? e
    let b = model.bias.elements[instance * n..<(instance + 1) * n].map(Double.init)
    let inputs = x.elements.map(Double.init)
    encoder = Array(repeating: 0, count: size)
    decoder = Array(repeating: 0, count: size)
    bias = Array(repeating: 0, count: n)
    for sample in 0..<samples {
      let x = Array(inputs[sample * n..<(sample + 1) * n])
      var before = Array(repeating: 0.0, count: m)
      for i in 0..<n { for j in 0..<m { before[j] += x[i] * e[i * m + j] } }
      let h = model.architecture.hiddenActivation == .relu ? before.map { max($0, 0) } : before
      var hSlope = Array(repeating: 0.0, count: m)
      for i in 0..<n {
        var z = b[i]
        for j in 0..<m { z += d[i * m + j] * h[j] }
        let isCut = model.architecture.outputActivation == .relu && z <= 0
        let error = (isCut ? 0 : z) - (model.architecture.target == .magnitude ? abs(x[i]) : x[i])
        let weight = Double(importance[i]) / Double(samples * n)
        loss += weight * error * error
        guard !isCut else { continue }
        let slope = 2 * weight * error
        bias[i] += slope
        for j in 0..<m {
          decoder[i * m + j] += slope * h[j]
          hSlope[j] += slope * d[i * m + j]
        }
      }
      for j in 0..<m where model.architecture.hiddenActivation == .identity || before[j] > 0 {
        for i in 0..<n { encoder[i * m + j] += x[i] * hSlope[j] }
      }
    }
    if model.architecture.isTied {
      for index in 0..<size { encoder[index] += decoder[index] }
      decoder = []
    }
  }

  /// In the trainer's layout: encoder, decoder when untied, bias.
  var gradient: [Double] { encoder + decoder + bias }
}
