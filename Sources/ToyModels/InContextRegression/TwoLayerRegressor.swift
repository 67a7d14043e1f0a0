// Two layers of linear self-attention on regression tasks (von Oswald et al. 2022, section 4 and figure 3), and the two
// steps of gradient descent with which they are compared.
//
// All tokens of the context and the query are updated by each layer, e ← e + P V Σⱼ cⱼ (cⱼᵀ KᵀQ e), j over the context.
// With S = Σⱼ cⱼcⱼᵀ, M = QᵀK and N = P V that is e ← (I + W)e, W = N S Mᵀ, so that of a context nothing but S matters, which
// the first layer turns into (I + W)S(I + W)ᵀ. The prediction is linear in the query: ŷ = −q·e, with a vector q for each
// task that takes a few products with S. Tokens never appear.

import Tensors

/// Two layers of linear self-attention, read at the query's y.
public struct TwoLayerRegressor: Sendable, Parameterized {
  /// The layers; of their attention only the linear one is meant here.
  public var first, second: SelfAttentionRegressor

  /// Creates a model from its layers.
  public init(_ first: SelfAttentionRegressor, _ second: SelfAttentionRegressor) {
    precondition(first.attention == .linear && second.attention == .linear, "two layers of linear self-attention")
    precondition(first.width == second.width, "layers of widths \(first.width) and \(second.width)")
    (self.first, self.second) = (first, second)
  }

  /// Draws normally distributed matrices.
  public init(dimensions: Int, standardDeviation: Float, using stream: RandomStream) {
    func layer(_ name: String) -> SelfAttentionRegressor {
      SelfAttentionRegressor(
        dimensions: dimensions, standardDeviation: standardDeviation, using: stream.derived(name))
    }
    self.init(layer("first"), layer("second"))
  }

  /// Shows the four matrices of both layers.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visitParameters(under: "first", of: &first, visit)
    visitParameters(under: "second", of: &second, visit)
  }

  /// The vectors q with ŷ = −q·e, `[task, dimension + 1]`; their inputs are minus the sensitivities ∂ŷ/∂x.
  public func directions(_ contexts: RegressionContexts) -> Tensor {
    Self.directions(contexts, Parameters(of: self)).value
  }

  /// The mean squared error, and its gradient by the eight matrices.
  public func gradient(_ contexts: RegressionContexts) -> (loss: Double, gradients: Gradients) {
    let (loss, gradients) = valueAndGradients { contexts.loss(Self.directions(contexts, $0)) }
    return (Double(loss), gradients)
  }

  private static func directions(_ contexts: RegressionContexts, _ parameters: Parameters) -> Variable {
    func products(_ layer: Parameters) -> (scores: Variable, outputs: Variable) {
      (layer["Q"].matmul(layer["K"], transposingSelf: true), layer["P"].matmul(layer["V"]))
    }
    let (first, second) = (products(parameters.part("first")), products(parameters.part("second")))
    let width = contexts.width
    return contexts.directions(
      firstScores: first.scores, firstOutputs: first.outputs, secondScores: second.scores,
      readout: second.outputs.slice(axis: 0, width - 1..<width))
  }
}

/// Two steps of gradient descent whose inputs are transformed in between, GD++ (section 4, equation 14).
///
/// The step moves targets by η Σ yⱼ(xⱼ·x) and inputs by γ Σ xⱼ(xⱼ·x): at γ = 0 these are two steps of gradient descent.
public struct TwoStepDescent: Sendable, Parameterized {
  /// η of the first step, γ of the first step, η of the second, `[3]`.
  public var rates: Tensor

  private let isPlain: Bool

  /// Creates two steps; plain ones keep γ at zero.
  public init(rate: Float, curvature: Float, secondRate: Float, isPlain: Bool = false) {
    rates = Tensor([rate, isPlain ? 0 : curvature, secondRate], [3])
    self.isPlain = isPlain
  }

  /// Shows the three rates.
  public mutating func visitParameters(_ visit: ParameterVisitor) { visit("rates", &rates) }

  /// The vectors q with ŷ = −q·e, `[task, dimension + 1]`.
  public func directions(_ contexts: RegressionContexts) -> Tensor {
    directions(contexts, Parameters(of: self)).value
  }

  /// The steps of least mean squared error on tasks, found by Adam from these.
  public func optimized(on contexts: RegressionContexts, steps: Int = 200) -> TwoStepDescent {
    var (best, optimizer) = (self, Adam.adam(learningRate: 0.02))
    let schedule = Schedule.halfCosine(over: steps)
    for step in 0..<steps {
      optimizer.learningRate = Float(0.02 * schedule.factor(at: step))
      let (_, gradients) = best.valueAndGradients { contexts.loss(directions(contexts, $0)) }
      optimizer.update(&best, with: gradients)
    }
    return best
  }

  private func directions(_ contexts: RegressionContexts, _ parameters: Parameters) -> Variable {
    let width = contexts.width
    var (inputs, output, readout) = (
      Tensor(zeros: [width, width]), Tensor(zeros: [width, width]), Tensor(zeros: [1, width])
    )
    for index in 0..<width - 1 { inputs[index, index] = 1 }
    output[width - 1, width - 1] = 1
    readout[0, width - 1] = 1
    let rates = parameters["rates"]
    func rate(_ index: Int) -> Variable { rates.slice(axis: 0, index..<index + 1) }
    let targets = Variable(output) * rate(0)
    let moved = isPlain ? targets : targets + Variable(inputs) * rate(1)
    let scores = Variable(inputs)
    return contexts.directions(
      firstScores: scores, firstOutputs: -moved, secondScores: scores, readout: -(Variable(readout) * rate(2)))
  }
}
