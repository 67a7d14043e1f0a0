// Every operation of the tape against finite differences in double precision and against PyTorch.

import Testing

@testable import Tensors

@Suite("Operations on the tape")
struct OperationTests {
  /// Read once for all cases.
  static let fixtures = Result { try OperationFixture.all() }

  @Test("match finite differences of a double-precision reference", arguments: OperationCase.all)
  func finiteDifferences(_ operation: OperationCase) {
    let inputs = operation.drawInputs()
    let (output, seed, gradients) = run(operation, inputs, seed: nil)
    let references = inputs.map { DoubleArray($0.elements, $0.shape) }
    let expected = operation.reference(references)
    #expect(output.shape == expected.shape)
    #expect(largestDifference(output, expected.elements) < 2e-6)
    for (position, gradient) in gradients.enumerated() {
      #expect(gradient.shape == inputs[position].shape)
      let slopes = finiteDifferences(operation.reference, references, seed.elements, position)
      #expect(largestDifference(gradient, slopes) < 5e-6, "with respect to argument \(position)")
    }
  }

  @Test("match PyTorch, results and gradients", arguments: OperationCase.all)
  func pyTorch(_ operation: OperationCase) throws {
    let fixture = try #require(
      try Self.fixtures.get().first { $0.name == operation.name }, "no fixture is named \(operation.name)")
    #expect(fixture.inputs.map(\.shape) == operation.inputs.map(\.shape))
    let (output, _, gradients) = run(operation, fixture.inputs.map(\.tensor), seed: fixture.seed.tensor)
    #expect(output.shape == fixture.output.shape)
    #expect(largestDifference(output, fixture.output.elements) < 2e-6)
    #expect(gradients.count == fixture.gradients.count)
    for (gradient, expected) in zip(gradients, fixture.gradients) {
      #expect(gradient.shape == expected.shape)
      #expect(largestDifference(gradient, expected.elements) < 5e-6)
    }
  }

  @Test("compute the same on constants and record nothing", arguments: OperationCase.all)
  func constants(_ operation: OperationCase) {
    let inputs = operation.drawInputs()
    let constant = operation.apply(inputs.map { Variable($0) })
    #expect(constant.tape == nil)
    #expect(constant.value == run(operation, inputs, seed: nil).output)
  }

  @Test("take gradients one operand at a time", arguments: OperationCase.all.filter { $0.inputs.count > 1 })
  func partlyConstant(_ operation: OperationCase) {
    let inputs = operation.drawInputs()
    let (_, seed, gradients) = run(operation, inputs, seed: nil)
    for position in inputs.indices {
      let tape = Tape()
      let variables = inputs.enumerated().map { $0 == position ? tape.variable($1) : Variable($1) }
      let output = operation.apply(variables)
      let gradient = tape.gradients(of: output, with: [variables[position]], seed: seed)[0]
      #expect(gradient == gradients[position], "argument \(position)")
    }
  }

  @Test("each have a case, and each case records what it says")
  func everyOperationIsCovered() {
    let covered = Set(OperationCase.all.flatMap(\.operations))
    for operation in Tensors.Operation.allCases {
      #expect(covered.contains(operation), "\(operation) has no case, so no gradient check and no fixture")
    }
    #expect(Set(OperationCase.all.map(\.name)).count == OperationCase.all.count)
    for operation in OperationCase.all {
      let tape = Tape()
      _ = operation.apply(operation.drawInputs().map { tape.variable($0) })
      #expect(Set(operation.operations).isSubset(of: tape.operations), "\(operation) recorded \(tape.operations)")
    }
  }

  @Test("each have a fixture, and no fixture is left over")
  func everyFixtureIsUsed() throws {
    #expect(Set(try Self.fixtures.get().map(\.name)) == Set(OperationCase.all.map(\.name)))
  }

  private func run(
    _ operation: OperationCase, _ inputs: [Tensor], seed: Tensor?
  ) -> (output: Tensor, seed: Tensor, gradients: [Tensor]) {
    let tape = Tape()
    let variables = inputs.map { tape.variable($0) }
    let output = operation.apply(variables)
    var stream = RandomStream(seed: 2).derived(operation.name)
    let seed = seed ?? stream.normal(output.shape)
    return (output.value, seed, tape.gradients(of: output, with: variables, seed: seed))
  }

  /// Central differences of ⟨seed, reference⟩ with respect to each element of one argument.
  private func finiteDifferences(
    _ reference: ([DoubleArray]) -> DoubleArray, _ inputs: [DoubleArray], _ seed: [Float], _ position: Int
  ) -> [Double] {
    let step = 1e-5
    var moved = inputs
    func value() -> Double { zip(reference(moved).elements, seed).reduce(0) { $0 + $1.0 * Double($1.1) } }
    return inputs[position].elements.indices.map { index in
      let center = inputs[position].elements[index]
      moved[position].elements[index] = center + step
      let above = value()
      moved[position].elements[index] = center - step
      let below = value()
      moved[position].elements[index] = center
      return (above - below) / (2 * step)
    }
  }
}
