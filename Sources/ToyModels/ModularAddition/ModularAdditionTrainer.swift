// Training on all pairs at once by AdamW, as Nanda et al. 2023 do (section 3; betas and warm-up from their code).

import Tensors

/// How a modular-addition model is trained; the defaults are as published.
public struct ModularAdditionTraining: Sendable, Equatable {
  /// The learning rate after warm-up.
  public var learningRate: Float
  /// AdamW's decoupled weight decay, on all weights.
  public var weightDecay: Float
  /// Steps over which the rate rises from zero.
  public var warmUp: Int

  /// Creates settings; what is not given is as published.
  public init(learningRate: Float = 1e-3, weightDecay: Float = 1, warmUp: Int = 10) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.warmUp = warmUp
  }

  var coefficients: AdamCoefficients {
    AdamCoefficients(beta1: 0.9, beta2: 0.98, epsilon: 1e-8, weightDecay: weightDecay)
  }

  func rate(at step: Int) -> Float { learningRate * Float(Schedule.warmUp(over: warmUp).factor(at: step)) }
}

/// A model in training on all its pairs at once.
public struct ModularAdditionTrainer: Sendable {
  /// The model as it is now.
  public private(set) var model: ModularAdditionModel
  /// The number of steps taken.
  public private(set) var step = 0
  /// The pairs trained on.
  public let pairs: ModularAdditionPairs
  /// How it is trained.
  public let settings: ModularAdditionTraining

  private var pass: ModularAdditionStep
  private var gradient: Tensor?
  private var first: Tensor
  private var second: Tensor

  /// Creates a trainer that starts from a model.
  public init(_ model: ModularAdditionModel, on pairs: ModularAdditionPairs, settings: ModularAdditionTraining) {
    precondition(pairs.count > 0, "training needs at least one pair")
    self.model = model
    self.pairs = pairs
    self.settings = settings
    pass = ModularAdditionStep(model.shape)
    gradient = Tensor(zeros: [model.shape.parameterCount])
    first = Tensor(zeros: [model.shape.parameterCount])
    second = Tensor(zeros: [model.shape.parameterCount])
  }

  /// Takes one step; returns loss and accuracy on the pairs before it.
  @discardableResult
  public mutating func advance() -> AnswerQuality {
    let quality = pass.run(model, on: pairs, gradient: &gradient)
    let (rate, coefficients, count) = (settings.rate(at: step), settings.coefficients, step + 1)
    model.parameters.withUnsafeMutableElements { parameters in
      first.withUnsafeMutableElements { first in
        second.withUnsafeMutableElements { second in
          gradient?.withUnsafeElements { gradient in
            AdamKernel.update(
              parameters: parameters, gradients: gradient, first: first, second: second, step: count,
              learningRate: rate, coefficients: coefficients)
          }
        }
      }
    }
    step = count
    return quality
  }

  /// The gradient of the mean loss at the model before the last step, in the order of the parameters.
  var lastGradient: Tensor { gradient ?? Tensor(zeros: [0]) }
}

extension ModularAdditionModel {
  /// The mean loss and the accuracy on given pairs.
  public func quality(on pairs: ModularAdditionPairs) -> AnswerQuality {
    var pass = ModularAdditionStep(shape)
    var none: Tensor?
    return pass.run(self, on: pairs, gradient: &none)
  }

  /// What the model says at "=" for given pairs: neurons after the ReLU `[pair, dMLP]` and logits `[pair, dVocab]`.
  public func activations(on pairs: ModularAdditionPairs) -> (neurons: Tensor, logits: Tensor) {
    var pass = ModularAdditionStep(shape)
    var neurons = Tensor(uninitialized: [pairs.count, shape.dMLP])
    var logits = Tensor(uninitialized: [pairs.count, shape.dVocab])
    let (m, tokens) = (shape.dMLP, shape.dVocab)
    neurons.withUnsafeMutableElements { neurons in
      logits.withUnsafeMutableElements { logits in
        guard let neurons = neurons.baseAddress, let logits = logits.baseAddress else { return }
        pass.forEachBlock(self, on: pairs) { range, blockNeurons, blockLogits in
          (neurons + range.lowerBound * m).update(from: blockNeurons, count: range.count * m)
          (logits + range.lowerBound * tokens).update(from: blockLogits, count: range.count * tokens)
        }
      }
    }
    return (neurons, logits)
  }
}
