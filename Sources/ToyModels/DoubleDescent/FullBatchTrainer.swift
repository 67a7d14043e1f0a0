// Training on a fixed set of examples, all of them at every step (Henighan et al. 2023): AdamW, a linear warm-up and a cosine
// to zero. The weight decay acts on weights and biases alike, as PyTorch's default does.

import Tensors

/// How a model is trained on its examples; the defaults are as published.
public struct FullBatchTraining: Sendable, Equatable {
  /// The number of steps.
  public var steps: Int
  /// Steps over which the rate rises from zero.
  public var warmUp: Int
  /// The rate after warm-up.
  public var learningRate: Float
  /// AdamW's decoupled weight decay.
  public var weightDecay: Float

  /// Creates settings; what is not given is as published.
  public init(steps: Int = 50_000, warmUp: Int = 2_500, learningRate: Float = 1e-3, weightDecay: Float = 0.01) {
    self.steps = steps
    self.warmUp = warmUp
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }

  func rate(at step: Int) -> Float {
    learningRate * Float(Schedule.warmUpThenCosine(warmUp: warmUp, steps: steps).factor(at: step))
  }
}

/// A model in training on all its examples at once.
public struct FullBatchTrainer: Sendable {
  /// The model as it is now.
  public private(set) var model: ReLUAutoencoder
  /// The number of steps taken.
  public private(set) var step = 0
  private let settings: FullBatchTraining
  private var pass: FullBatchStep
  /// The gradient of the loss at the model before the last step, in the order of the parameters.
  private(set) var gradient: Tensor
  /// AdamW's running means of slopes.
  private(set) var first: Tensor
  private var second: Tensor

  /// Creates a trainer that starts from a model.
  public init(_ model: ReLUAutoencoder, on examples: SparseExamples, settings: FullBatchTraining) {
    precondition(examples.count > 0, "training needs at least one example")
    self.model = model
    self.settings = settings
    pass = FullBatchStep(examples, hidden: model.hidden)
    let shape = model.parameters.shape
    gradient = Tensor(zeros: shape)
    first = Tensor(zeros: shape)
    second = Tensor(zeros: shape)
  }

  /// Trains to the last step and returns the model.
  ///
  /// - Parameter progress: Called now and then with the fraction of all steps done; what it throws, a cancellation for
  ///   instance, ends training where it is.
  @discardableResult
  public mutating func run<Failure: Error>(
    progress: (Double) throws(Failure) -> Void
  ) throws(Failure) -> ReLUAutoencoder {
    while step < settings.steps {
      advance()
      if step & 63 == 0 { try progress(Double(step) / Double(settings.steps)) }
    }
    return model
  }

  /// Takes one step on other examples, as many as before: endless data, if they are new at every step.
  public mutating func advance(on examples: SparseExamples) {
    pass.examples = examples
    advance()
  }

  /// Takes one step.
  public mutating func advance() {
    pass.gradient(model, into: &gradient)
    let (rate, count) = (settings.rate(at: step), step + 1)
    let coefficients = AdamCoefficients(weightDecay: settings.weightDecay)
    model.parameters.withUnsafeMutableElements { parameters in
      first.withUnsafeMutableElements { first in
        second.withUnsafeMutableElements { second in
          gradient.withUnsafeElements { gradient in
            AdamKernel.update(
              parameters: parameters, gradients: gradient, first: first, second: second, step: count,
              learningRate: rate, coefficients: coefficients)
          }
        }
      }
    }
    step = count
  }
}
