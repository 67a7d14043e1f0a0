// Gradient descent with momentum, in PyTorch's formulation (the first velocity is the first gradient).

/// Stochastic gradient descent with optional momentum, Nesterov's look-ahead and L2 weight decay.
public struct StochasticGradientDescent: Optimizer, Equatable {
  /// The size of the next step.
  public var learningRate: Float
  /// The share of the velocity that survives a step; 0 keeps no state.
  public var momentum: Float
  /// Whether the step looks ahead along the new velocity.
  public var isNesterov: Bool
  /// The L2 penalty's coefficient: this multiple of the parameter is added to its gradient.
  public var weightDecay: Float
  /// The updates made so far.
  public private(set) var step = 0
  /// The velocity of each parameter.
  public var velocity = OptimizerSlots()

  /// Creates the optimiser.
  public init(learningRate: Float, momentum: Float = 0, isNesterov: Bool = false, weightDecay: Float = 0) {
    precondition(!isNesterov || momentum > 0, "Nesterov's look-ahead needs a momentum above 0")
    self.learningRate = learningRate
    self.momentum = momentum
    self.isNesterov = isNesterov
    self.weightDecay = weightDecay
  }

  /// Moves the model's parameters in place.
  public mutating func update<Model: Parameterized>(_ model: inout Model, with gradients: Gradients) {
    if momentum != 0 { velocity.prepare(for: gradients) }
    var position = 0
    model.visitParameters { name, parameter in
      velocity.check(name, parameter, at: position, gradients)
      if momentum == 0 {
        descend(&parameter, gradients.tensors[position])
      } else {
        descend(&parameter, gradients.tensors[position], &velocity.tensors[position])
      }
      position += 1
    }
    precondition(position == gradients.names.count, "\(gradients.names.count) gradients for \(position) parameters")
    step += 1
  }

  private func descend(_ parameter: inout Tensor, _ gradient: Tensor) {
    let (rate, decay) = (learningRate, weightDecay)
    parameter.withUnsafeMutableElements { parameter in
      gradient.withUnsafeElements { gradient in
        for index in parameter.indices { parameter[index] -= rate * (gradient[index] + decay * parameter[index]) }
      }
    }
  }

  private func descend(_ parameter: inout Tensor, _ gradient: Tensor, _ velocity: inout Tensor) {
    let (rate, decay, keep) = (learningRate, weightDecay, momentum)
    let (own, ahead): (Float, Float) = isNesterov ? (1, keep) : (0, 1)
    parameter.withUnsafeMutableElements { parameter in
      velocity.withUnsafeMutableElements { velocity in
        gradient.withUnsafeElements { gradient in
          for index in parameter.indices {
            let slope = gradient[index] + decay * parameter[index]
            let speed = keep * velocity[index] + slope
            velocity[index] = speed
            parameter[index] -= rate * (own * slope + ahead * speed)
          }
        }
      }
    }
  }
}
