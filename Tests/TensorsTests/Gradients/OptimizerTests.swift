// Optimisers, schedules and clipping against ten steps of torch.optim each.

import Foundation
import Testing

@testable import Tensors

@Suite("Optimizers")
struct OptimizerTests {
  /// One optimiser set up as its fixture was.
  struct Setup: Sendable, CustomStringConvertible {
    let description: String
    let optimizer: any Optimizer
    var schedule = Schedule.constant
    var clipping: GradientClipping?

    init(_ name: String, _ optimizer: any Optimizer, _ schedule: Schedule = .constant, clip: GradientClipping? = nil) {
      (description, self.optimizer, self.schedule, clipping) = (name, optimizer, schedule, clip)
    }
  }

  private static let sgd = StochasticGradientDescent(learningRate: 0.1)

  static let setups: [Setup] = [
    Setup("SGD", sgd),
    Setup("SGD with weight decay", StochasticGradientDescent(learningRate: 0.1, weightDecay: 0.05)),
    Setup("SGD with momentum", StochasticGradientDescent(learningRate: 0.1, momentum: 0.9, weightDecay: 0.05)),
    Setup("SGD with Nesterov momentum", StochasticGradientDescent(learningRate: 0.1, momentum: 0.8, isNesterov: true)),
    Setup("Adam", Adam.adam(learningRate: 0.01)),
    Setup("Adam with L2", Adam.adam(learningRate: 0.01, weightDecay: 0.1)),
    Setup("AdamW", Adam.adamW(learningRate: 0.01)),
    Setup(
      "AdamW, other coefficients",
      Adam(
        learningRate: 0.01, coefficients: AdamCoefficients(beta1: 0.8, beta2: 0.98, epsilon: 1e-3, weightDecay: 1))),
    Setup(
      "AdamW sparing vectors",
      Adam(learningRate: 0.01, coefficients: AdamCoefficients(weightDecay: 0.5), sparesVectors: true)),
    Setup("clipped to a global norm", sgd, clip: .globalNorm(1.5)),
    Setup("clipped by value", sgd, clip: .value(0.5)),
    Setup("warm-up", sgd, .warmUp(over: 4, from: 0.25)),
    Setup("linear decay", sgd, .linearDecay(over: 8)),
    Setup("half cosine", Adam.adamW(learningRate: 0.01), .halfCosine(over: 10, floor: 0.1)),
    Setup("quarter cosine", sgd, .quarterCosine(over: 10)),
    Setup(
      "warm-up, then half cosine", sgd, .warmUp(over: 3, from: 0.1).then(.halfCosine(over: 7), at: 3)),
  ]

  @Test("match ten steps of PyTorch", arguments: setups)
  func pyTorch(_ setup: Setup) throws {
    let fixture = try #require(try OptimizerFixture.all().first { $0.name == setup.description })
    var model = fixture.start.map(\.tensor)
    var optimizer = setup.optimizer
    let peak = Double(optimizer.learningRate)
    for step in fixture.gradients.indices {
      var gradients = Gradients(fixture.gradients[step].map(\.tensor), of: model)
      #expect(abs(Double(gradients.globalNorm) - fixture.norms[step]) < 1e-6 * fixture.norms[step])
      if let clipping = setup.clipping { gradients.clip(clipping) }
      let rate = peak * setup.schedule.factor(at: step)
      #expect(abs(rate - fixture.rates[step]) < 1e-8, "learning rate of step \(step)")
      optimizer.learningRate = Float(rate)
      optimizer.update(&model, with: gradients)
      for (parameter, expected) in zip(model, fixture.parameters[step]) {
        #expect(largestDifference(parameter, expected.elements) < 5e-7, "step \(step)")
      }
    }
  }

  @Test("have a setup for every fixture")
  func everyFixtureIsUsed() throws {
    let names = try OptimizerFixture.all().map(\.name)
    #expect(Set(names) == Set(Self.setups.map(\.description)))
  }

  @Test("come back from JSON to the last bit, in the middle of a run")
  func coding() throws {
    var stream = RandomStream(seed: 6)
    var model = [stream.normal([3, 2]), stream.normal([2])]
    var optimizer = Adam.adamW(learningRate: 0.01)
    let gradients = (0..<6).map { _ in Gradients([stream.normal([3, 2]), stream.normal([2])], of: model) }
    for gradient in gradients[..<3] { optimizer.update(&model, with: gradient) }
    var restored = try JSONDecoder().decode(Adam.self, from: JSONEncoder().encode(optimizer))
    var copy = model
    #expect(restored == optimizer)
    for gradient in gradients[3...] {
      optimizer.update(&model, with: gradient)
      restored.update(&copy, with: gradient)
    }
    #expect(copy == model)
    #expect(restored.step == 6)
  }

  @Test("show their state by name and reset parts of it")
  func inspection() {
    var model = NamedPair()
    var optimizer = Adam.adam(learningRate: 0.1)
    #expect(optimizer.first["W"] == nil)
    optimizer.update(&model, with: Gradients([Tensor([1, 2], [2]), Tensor(3)], of: model))
    #expect(optimizer.first.names == ["W", "b"])
    #expect(optimizer.first["W"]?.isApproximatelyEqual(to: Tensor([0.1, 0.2], [2]), relative: 1e-6) == true)
    optimizer.first.reset("W", at: [1])
    #expect(optimizer.first["W"]?[1] == 0)
    #expect(optimizer.first["W"]?[0] != 0)
  }

  @Test("copies train apart")
  func valueSemantics() {
    var model = NamedPair()
    var optimizer = Adam.adam(learningRate: 0.1)
    let gradients = Gradients([Tensor([1, 2], [2]), Tensor(3)], of: model)
    optimizer.update(&model, with: gradients)
    let (frozenModel, frozen) = (model, optimizer)
    optimizer.update(&model, with: gradients)
    #expect(frozen.first["W"] != optimizer.first["W"])
    #expect(frozenModel.W != model.W)
  }

  @Test("refuse gradients of another model")
  func mismatch() async {
    await #expect(processExitsWith: .failure) {
      var model = NamedPair()
      var optimizer = Adam.adam(learningRate: 0.1)
      optimizer.update(&model, with: Gradients([("W", Tensor([1, 2], [2])), ("c", Tensor(3))]))
    }
  }

  @Test("Adam's kernel works on raw memory as the optimiser does")
  func rawKernel() {
    var parameters: [Float] = [1, 2, 3], first: [Float] = [0, 0, 0], second: [Float] = [0, 0, 0]
    let gradients: [Float] = [0.5, -1, 2]
    var model = [Tensor(parameters, [3])]
    var optimizer = Adam.adamW(learningRate: 0.01)
    for step in 1...5 {
      takeStep(step, &parameters, gradients, &first, &second, decay: 0.01)
      optimizer.update(&model, with: Gradients([Tensor(gradients, [3])], of: model))
    }
    #expect(model[0].elements == parameters)
  }

  private func takeStep(
    _ step: Int, _ parameters: inout [Float], _ gradients: [Float], _ first: inout [Float], _ second: inout [Float],
    decay: Float = 0
  ) {
    parameters.withUnsafeMutableBufferPointer { parameters in
      first.withUnsafeMutableBufferPointer { first in
        second.withUnsafeMutableBufferPointer { second in
          gradients.withUnsafeBufferPointer { gradients in
            AdamKernel.update(
              parameters: parameters, gradients: gradients, first: first, second: second, step: step,
              learningRate: 0.01, coefficients: AdamCoefficients(weightDecay: decay))
          }
        }
      }
    }
  }

  @Test("the moments of a parameter whose slope has died reach zero, not the subnormal numbers")
  func deadSlopes() {
    // Eleven: eight lanes together and three alone.
    var parameters = [Float](repeating: 1, count: 11)
    var (first, second) = ([Float](repeating: 0, count: 11), [Float](repeating: 0, count: 11))
    for step in 1...1500 {
      // Elements 0 and 9 die after the first step, elements 1 and 10 have slopes whose squares are subnormal.
      var slopes = [Float](repeating: 1, count: 11)
      (slopes[1], slopes[10]) = (1e-20, 1e-20)
      if step > 1 { (slopes[0], slopes[9]) = (0, 0) }
      takeStep(step, &parameters, slopes, &first, &second)
      #expect(!first.contains(where: \.isSubnormal) && !second.contains(where: \.isSubnormal))
    }
    #expect(first[0] == 0 && first[9] == 0, "after 1,500 steps .9 to their number is far below what Float holds")
    #expect(second[0] > 0 && second[1] == 0 && second[10] == 0)
    #expect(first[1] > 0 && first[10] > 0)
  }

  @Test(
    "an encoded tensor that does not fill its shape is refused",
    arguments: ["[2,2]", "[-3]", "[4611686018427387904,4]"])
  func badTensor(shape: String) {
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(Tensor.self, from: Data("{\"shape\":\(shape),\"bits\":[0,0,0]}".utf8))
    }
  }

  @Test("an encoded tensor keeps NaN, infinity and the sign of zero")
  func tensorBits() throws {
    let tensor = Tensor([.nan, .infinity, -0.0, .leastNonzeroMagnitude], [2, 2])
    let copy = try JSONDecoder().decode(Tensor.self, from: JSONEncoder().encode(tensor))
    #expect(copy.shape == tensor.shape)
    #expect(copy.elements.map(\.bitPattern) == tensor.elements.map(\.bitPattern))
  }
}

/// A model of two named parameters.
struct NamedPair: Parameterized, Sendable {
  var W = Tensor([0.5, -0.5], [2])
  var b = Tensor(1)

  mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("W", &W)
    visit("b", &b)
  }
}
