// Trains superposition models as the companion notebook of Elhage et al. 2022 does: AdamW on fresh samples each step.
//
// Instances are independent, so each is trained from its first to its last step while its few parameters stay in cache;
// each draws its data from a stream of its own, derived by number, so adding an instance moves no other.

import Tensors

/// The models under training, their optimiser's state and their data streams.
public struct SuperpositionTrainer {
  /// The models as they are now.
  public private(set) var model: SuperpositionModel
  private let settings: SuperpositionTraining
  private let tasks: [SuperpositionTask]
  private var steps: [Int]
  private var streams: [RandomStream]
  private var fused: SuperpositionStep
  // Gradient and AdamW's averages of one instance lie side by side: encoder, decoder when untied, bias.
  private var gradient: Tensor
  private var first: Tensor
  private var second: Tensor

  /// Prepares training.
  ///
  /// - Parameters:
  ///   - model: The untrained models.
  ///   - distributions: The data of each instance, or one for all.
  ///   - importance: The importance I_i of each feature in the loss.
  ///   - settings: Steps, batch, rates.
  ///   - random: The run's stream; instance i draws its data from the stream derived as `data#i`.
  public init(
    _ model: SuperpositionModel, distributions: [FeatureDistribution], importance: [Float],
    settings: SuperpositionTraining, using random: RandomStream
  ) {
    let (n, instances) = (model.architecture.features, model.instances)
    precondition(settings.batchSize > 0, "a step needs at least one sample, not \(settings.batchSize)")
    precondition(
      distributions.count == instances || distributions.count == 1,
      "\(distributions.count) distributions for \(instances) instances")
    precondition(
      importance.count == n && distributions.allSatisfy { $0.features == n },
      "importance (\(importance.count)) and distributions must have one entry for each of \(n) features")
    self.model = model
    self.settings = settings
    let hidden = model.architecture.hidden
    tasks = (0..<instances).map {
      SuperpositionTask(distributions[distributions.count == 1 ? 0 : $0], importance: importance, hidden: hidden)
    }
    steps = Array(repeating: 0, count: instances)
    streams = (0..<instances).map { random.derived("data", $0) }
    let capacity = tasks.reduce(32) { max($0, $1.block) }
    fused = SuperpositionStep(architecture: model.architecture, capacity: min(capacity, settings.batchSize))
    let parameters = n * model.architecture.hidden * (model.architecture.isTied ? 1 : 2) + n
    gradient = Tensor(zeros: [parameters])
    first = Tensor(zeros: [instances, parameters])
    second = Tensor(zeros: [instances, parameters])
  }

  /// Trains every instance to the end and returns the models.
  @discardableResult
  public mutating func run() -> SuperpositionModel { run(to: settings.steps) }

  /// Trains every instance up to a step, not beyond the last, for instance to look at the models on the way.
  @discardableResult
  public mutating func run(to step: Int) -> SuperpositionModel { run(to: step) { (_: Double) throws(Never) in } }

  /// Trains every instance to the end and returns the models, with reports on the way.
  ///
  /// - Parameter progress: Called now and then with the fraction of all steps done; what it throws, cancellation for
  ///   instance, ends training where it is, to be taken up by another call.
  @discardableResult
  public mutating func run<Failure: Error>(
    progress: (Double) throws(Failure) -> Void
  ) throws(Failure) -> SuperpositionModel {
    try run(to: settings.steps, progress: progress)
  }

  /// Trains every instance up to a step, not beyond the last, with reports on the way.
  @discardableResult
  public mutating func run<Failure: Error>(
    to step: Int, progress: (Double) throws(Failure) -> Void
  ) throws(Failure) -> SuperpositionModel {
    for instance in 0..<model.instances { try run(instance, to: min(step, settings.steps), progress: progress) }
    return model
  }

  private mutating func run<Failure: Error>(
    _ instance: Int, to last: Int, progress: (Double) throws(Failure) -> Void
  ) throws(Failure) {
    while steps[instance] < last {
      _ = step(instance)
      if steps[instance] & 255 == 0 || steps[instance] == last {
        let done = steps.reduce(0) { $0 + Double($1) }
        try progress(done / (Double(settings.steps) * Double(model.instances)))
      }
    }
  }

  /// Takes one step in every instance and returns each one's loss before it: a mean over samples and features.
  @discardableResult
  public mutating func step() -> [Double] {
    (0..<model.instances).map { step($0) }
  }

  /// Takes one step in one instance and returns its loss before the step.
  @discardableResult
  public mutating func step(_ instance: Int) -> Double {
    let loss = accumulateGradient(instance)
    applyGradient(instance)
    return loss
  }

  /// Moves one instance's parameters by AdamW along the gradient accumulated last.
  mutating func applyGradient(_ instance: Int) {
    steps[instance] += 1
    let (n, m) = (model.architecture.features, model.architecture.hidden)
    let (rate, index) = (learningRate(at: steps[instance] - 1), steps[instance])
    let coefficients = AdamCoefficients(
      beta1: settings.betas.0, beta2: settings.betas.1, epsilon: settings.epsilon, weightDecay: settings.weightDecay)
    gradient.withUnsafeMutableElements { gradient in
      first.withUnsafeMutableElements { first in
        second.withUnsafeMutableElements { second in
          let base = instance * gradient.count
          var offset = 0
          func update(_ parameters: UnsafeMutableBufferPointer<Float>, count: Int) {
            func part(_ buffer: UnsafeMutableBufferPointer<Float>, _ start: Int) -> UnsafeMutableBufferPointer<Float> {
              UnsafeMutableBufferPointer(rebasing: buffer[start..<start + count])
            }
            AdamKernel.update(
              parameters: part(parameters, instance * count), gradients: UnsafeBufferPointer(part(gradient, offset)),
              first: part(first, base + offset), second: part(second, base + offset), step: index, learningRate: rate,
              coefficients: coefficients)
            offset += count
          }
          model.encoder.withUnsafeMutableElements { update($0, count: n * m) }
          model.decoder?.withUnsafeMutableElements { update($0, count: n * m) }
          model.bias.withUnsafeMutableElements { update($0, count: n) }
        }
      }
    }
  }

  /// Computes the gradient of one instance on a fresh batch, in the layout of its optimiser state, and the loss.
  mutating func accumulateGradient(_ instance: Int) -> Double {
    let batchSize = settings.batchSize
    var stream = streams[instance]
    let loss = accumulateGradient(instance, samples: batchSize) { fused, task, parameters, gradient in
      fused.accumulate(task, samples: batchSize, parameters: parameters, gradient: gradient, using: &stream)
    }
    streams[instance] = stream
    return loss
  }

  /// Does the same on given samples `[sample, feature]`, through the path for arrays or the one for lists.
  mutating func accumulateGradient(_ instance: Int, given x: Tensor, asList: Bool) -> Double {
    accumulateGradient(instance, samples: x.shape[0]) { fused, task, parameters, gradient in
      fused.accumulate(task, given: x, asList: asList, parameters: parameters, gradient: gradient)
    }
  }

  private mutating func accumulateGradient(
    _ instance: Int, samples: Int,
    _ body: (inout SuperpositionStep, SuperpositionTask, SuperpositionParameters, SuperpositionParameters) -> Double
  ) -> Double {
    let (n, m, isTied) = (model.architecture.features, model.architecture.hidden, model.architecture.isTied)
    let task = tasks[instance]
    let total = gradient.withUnsafeMutableElements { gradient -> Double in
      gradient.update(repeating: 0)
      guard let base = gradient.baseAddress else { return 0 }
      let target = SuperpositionParameters(
        encoder: base, decoder: isTied ? base : base + n * m, bias: base + n * m * (isTied ? 1 : 2))
      return model.withParameters(instance) { body(&fused, task, $0, target) }
    }
    return total / Double(samples * n)
  }

  /// The gradient of the last step taken: encoder, decoder when untied, bias, one after the other.
  var lastGradient: Tensor { gradient }

  private func learningRate(at step: Int) -> Float {
    Float(settings.decay.factor(at: step)) * settings.learningRate
  }
}

extension SuperpositionModel {
  /// Calls a closure with raw views of one instance's parameters, for reading.
  func withParameters<Result>(_ instance: Int, _ body: (SuperpositionParameters) -> Result) -> Result {
    precondition(instance >= 0 && instance < instances, "there is no instance \(instance) among \(instances)")
    let (n, m) = (architecture.features, architecture.hidden)
    return encoder.withUnsafeElements { encoder in
      (decoder ?? self.encoder).withUnsafeElements { decoder in
        bias.withUnsafeElements { bias in
          guard let e = encoder.baseAddress, let d = decoder.baseAddress, let b = bias.baseAddress else {
            preconditionFailure("a model needs at least one feature and one hidden dimension")
          }
          return body(
            SuperpositionParameters(
              encoder: UnsafeMutablePointer(mutating: e + instance * n * m),
              decoder: UnsafeMutablePointer(mutating: d + instance * n * m),
              bias: UnsafeMutablePointer(mutating: b + instance * n)))
        }
      }
    }
  }

  /// The loss of each instance on fresh samples, the same for all: the mean over samples of Σ_i I_i (t_i − y_i)².
  public func losses(
    _ distributions: [FeatureDistribution], importance: [Float], samples: Int, using random: RandomStream
  ) -> [Double] {
    (0..<instances).map { instance in
      let distribution = distributions[distributions.count == 1 ? 0 : instance]
      let task = SuperpositionTask(distribution, importance: importance, hidden: architecture.hidden)
      var step = SuperpositionStep(architecture: architecture, capacity: task.block)
      var stream = random
      let total = withParameters(instance) { parameters in
        step.accumulate(task, samples: samples, parameters: parameters, gradient: nil, using: &stream)
      }
      return total / Double(samples)
    }
  }
}
