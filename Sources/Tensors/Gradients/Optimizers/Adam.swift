// Adam and AdamW on models: one moment pair per parameter around the shared kernel.

/// Adam, with decoupled weight decay (AdamW) unless the coefficients say otherwise.
public struct Adam: Optimizer, Equatable {
  /// The size of the next step.
  public var learningRate: Float
  /// Betas, epsilon and weight decay.
  public var coefficients: AdamCoefficients
  /// Whether weight decay spares parameters with fewer than two axes, such as biases.
  public var sparesVectors: Bool
  /// The updates made so far.
  public private(set) var step = 0
  /// The running mean of each parameter's gradient.
  public var first = OptimizerSlots()
  /// The running mean of the square of each parameter's gradient.
  public var second = OptimizerSlots()

  /// Creates the optimiser.
  public init(learningRate: Float, coefficients: AdamCoefficients = AdamCoefficients(), sparesVectors: Bool = false) {
    self.learningRate = learningRate
    self.coefficients = coefficients
    self.sparesVectors = sparesVectors
  }

  /// Takes up an earlier run: the same optimiser with the updates it has made and the moments it has kept.
  public func resumed(step: Int, first: OptimizerSlots, second: OptimizerSlots) -> Adam {
    precondition(step >= 0 && first.names == second.names, "both moments belong to the same parameters")
    var adam = self
    (adam.step, adam.first, adam.second) = (step, first, second)
    return adam
  }

  /// Adam without decay, or with decay as an L2 penalty: `torch.optim.Adam`.
  public static func adam(learningRate: Float, weightDecay: Float = 0) -> Adam {
    Adam(learningRate: learningRate, coefficients: AdamCoefficients(weightDecay: weightDecay, isDecoupled: false))
  }

  /// Adam with decoupled decay: `torch.optim.AdamW`, its default decay of 0.01 included.
  public static func adamW(learningRate: Float, weightDecay: Float = 0.01) -> Adam {
    Adam(learningRate: learningRate, coefficients: AdamCoefficients(weightDecay: weightDecay))
  }

  /// Moves the model's parameters in place.
  public mutating func update<Model: Parameterized>(_ model: inout Model, with gradients: Gradients) {
    first.prepare(for: gradients)
    second.prepare(for: gradients)
    step += 1
    var position = 0
    model.visitParameters { name, parameter in
      first.check(name, parameter, at: position, gradients)
      second.check(name, parameter, at: position, gradients)
      var coefficients = coefficients
      if sparesVectors && parameter.rank < 2 { coefficients.weightDecay = 0 }
      parameter.withUnsafeMutableElements { parameter in
        first.tensors[position].withUnsafeMutableElements { first in
          second.tensors[position].withUnsafeMutableElements { second in
            gradients.tensors[position].withUnsafeElements { gradient in
              AdamKernel.update(
                parameters: parameter, gradients: gradient, first: first, second: second, step: step,
                learningRate: learningRate, coefficients: coefficients)
            }
          }
        }
      }
      position += 1
    }
    precondition(position == gradients.names.count, "\(gradients.names.count) gradients for \(position) parameters")
  }
}
