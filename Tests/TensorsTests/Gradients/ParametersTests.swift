// Models as lists of named parameters, and gradients by the same names.

import Testing

@testable import Tensors

@Suite("Parameters")
struct ParametersTests {
  private struct Network: Parameterized {
    var embed = Tensor(ones: [2, 2])
    var layers = [NamedPair(), NamedPair()]

    mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("embed", &embed)
      for index in layers.indices { visitParameters(under: "blocks.\(index)", of: &layers[index], visit) }
    }
  }

  @Test("names nest with dots, in the order of the visit")
  func names() {
    let model = Network()
    #expect(model.namedParameters.map(\.name) == ["embed", "blocks.0.W", "blocks.0.b", "blocks.1.W", "blocks.1.b"])
    #expect(model.parameterCount == 4 + 2 * 3)
    #expect(Parameters(of: model).part("blocks.1").names == ["W", "b"])
    #expect(Parameters(of: model).part("blocks").part("1")["b"].value == Tensor(1))
  }

  @Test("gradients come back under the same names; unused parameters have zeros")
  func gradients() {
    let (value, gradients) = Network().valueAndGradients { parameters in
      let block = parameters.part("blocks.1")
      return (block["W"] * block["b"]).squared().sum() + parameters["embed"].sum()
    }
    #expect(value == 4.5)
    #expect(gradients.names == Network().namedParameters.map(\.name))
    #expect(gradients["blocks.1.W"] == Tensor([1, -1], [2]))
    #expect(gradients["blocks.1.b"] == Tensor(1))
    #expect(gradients["blocks.0.W"] == Tensor(zeros: [2]))
    #expect(gradients["embed"] == Tensor(ones: [2, 2]))
  }

  @Test("without a tape the parameters are constants")
  func constants() {
    #expect(Parameters(of: Network())["embed"].tape == nil)
    let tape = Tape()
    #expect(Parameters(of: Network(), on: tape)["embed"].tape === tape)
  }

  @Test("a loss that reads no parameter has zero gradients")
  func constantLoss() {
    let (value, gradients) = NamedPair().valueAndGradients { _ in Variable(Tensor(3)) }
    #expect(value == 3)
    #expect(gradients["W"] == Tensor(zeros: [2]))
  }

  @Test("an unknown name is an error that lists the known ones")
  func unknownName() async throws {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Parameters(of: NamedPair())["V"]
    }
    let message = String(decoding: try #require(result).standardErrorContent, as: UTF8.self)
    #expect(message.contains("no parameter V among W, b"))
  }

  @Test("clipping keeps the direction of all gradients together")
  func clipping() {
    var gradients = Gradients([Tensor([3, 0], [2]), Tensor(4)], of: NamedPair())
    #expect(gradients.clip(.globalNorm(10)) == 5)
    #expect(gradients["b"] == Tensor(4))
    #expect(gradients.clip(.globalNorm(1)) == 5)
    #expect(gradients["W"].isApproximatelyEqual(to: Tensor([0.6, 0], [2]), absolute: 1e-6))
    #expect(abs(gradients.globalNorm - 1) < 1e-5)
    gradients.clip(.value(0.7))
    #expect(gradients["b"] == Tensor(0.7))
    gradients["W"] = Tensor([.nan, 1], [2])
    gradients.clip(.globalNorm(1))
    #expect(gradients.tensors.allSatisfy { $0.elements.allSatisfy(\.isNaN) })
  }
}
