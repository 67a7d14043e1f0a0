// What a trained modular-addition model consists of (Nanda et al. 2023, section 4): its key frequencies, how much of the
// logits they explain, and how many neurons live on one frequency.

import Tensors
import ToyModels

/// The Fourier structure of one model.
struct AdditionCircuit: Sendable {
  /// Frequencies in which W_L has more than a twentieth of the power of the strongest, ascending.
  let keyFrequencies: [Int]
  /// The share of the logits' variance that cos w(a + b − c) of the key frequencies explain.
  let logitVariance: Double
  /// For each neuron the largest share of its variance that one frequency explains.
  let neurons: [Double]
  /// The norms of the frequencies of the embedding and of the map from neurons to logits, cos and sin together.
  let embeddingSpectrum, logitSpectrum: [Double]
  /// The Gini coefficients of the norms of their components.
  let embeddingGini, logitGini: Double

  /// The share of neurons with more than 85 % of their variance in one frequency.
  var singleFrequencyNeurons: Double { Double(neurons.count { $0 > 0.85 }) / Double(neurons.count) }

  init(_ model: ModularAdditionModel) {
    let spectra = AdditionSpectra(model)
    embeddingSpectrum = spectra.basis.byFrequency(spectra.embedding)
    logitSpectrum = spectra.basis.byFrequency(spectra.logits)
    (embeddingGini, logitGini) = (giniCoefficient(spectra.embedding), giniCoefficient(spectra.logits))
    keyFrequencies = Self.keyFrequencies(logitSpectrum)
    logitVariance = AnswerTable(model).varianceShare(keyFrequencies)
    neurons = Self.sharesOfOneFrequency(
      model.activations(on: .all(prime: model.shape.prime)).neurons, spectra.basis)
  }

  /// Frequencies whose power is more than a twentieth of the strongest's, given their norms.
  static func keyFrequencies(_ norms: [Double]) -> [Int] {
    let threshold = (norms.max() ?? 0) * 0.05.squareRoot()
    return norms.indices.filter { norms[$0] > threshold }.map { $0 + 1 }
  }

  /// For each neuron the largest share of its variance over all pairs that {1, cos, sin}² of one frequency explain.
  ///
  /// - Parameter activations: `[a·p + b, neuron]`.
  static func sharesOfOneFrequency(_ activations: Tensor, _ basis: FourierBasis) -> [Double] {
    let (p, m) = (basis.prime, activations.shape[1])
    // The transform over a, `[component of a, b, neuron]`; that over b is taken row by row.
    let overA = basis.rows.matmul(activations.reshaped([p, p * m]))
    var best = Array(repeating: 0.0, count: m)
    let variance = variances(activations)
    let constant = squares(overA, component: 0, basis)
    for k in basis.frequencies {
      let (cosine, sine) = (2 * k - 1, 2 * k)
      var power = Array(repeating: 0.0, count: m)
      for neuron in 0..<m { power[neuron] = constant[cosine * m + neuron] + constant[sine * m + neuron] }
      for component in [cosine, sine] {
        let both = squares(overA, component: component, basis)
        for neuron in 0..<m {
          power[neuron] += both[neuron] + both[cosine * m + neuron] + both[sine * m + neuron]
        }
      }
      for neuron in 0..<m where variance[neuron] > 0 {
        best[neuron] = max(best[neuron], power[neuron] / variance[neuron])
      }
    }
    return best
  }

  /// The squares of the components over b of one component over a, `[component of b, neuron]`.
  private static func squares(_ overA: Tensor, component: Int, _ basis: FourierBasis) -> [Double] {
    let p = basis.prime
    let m = overA.shape[1] / p
    let row = overA.withUnsafeElements { Tensor(Array($0[component * p * m..<(component + 1) * p * m]), [p, m]) }
    return basis.rows.matmul(row).withUnsafeElements { $0.map { Double($0) * Double($0) } }
  }

  /// The sum of squares of each column `[row, column]`, its mean taken off.
  private static func variances(_ matrix: Tensor) -> [Double] {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    var (sums, squares) = (Array(repeating: 0.0, count: columns), Array(repeating: 0.0, count: columns))
    matrix.withUnsafeElements { elements in
      for row in 0..<rows {
        for column in 0..<columns {
          let value = Double(elements[row * columns + column])
          sums[column] += value
          squares[column] += value * value
        }
      }
    }
    return (0..<columns).map { squares[$0] - sums[$0] * sums[$0] / Double(rows) }
  }
}

/// The norms of the Fourier components of a model's embedding and of its map from neurons to logits.
struct AdditionSpectra: Sendable {
  let basis: FourierBasis
  /// Of W_E over its numbers.
  let embedding: [Double]
  /// Of W_L over its logits.
  let logits: [Double]

  init(_ model: ModularAdditionModel) {
    let shape = model.shape
    basis = FourierBasis(prime: shape.prime)
    let numbers = model[.W_E].withUnsafeElements { Array($0[..<(shape.prime * shape.dModel)]) }
    embedding = basis.norms(Tensor(numbers, [shape.prime, shape.dModel]))
    logits = basis.norms(model.neuronsToLogits.transposed())
  }
}
