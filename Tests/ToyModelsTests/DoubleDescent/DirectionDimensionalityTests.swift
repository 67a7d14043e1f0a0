// How dimensions are divided among directions, against PyTorch and where the answer is known.

import Testing

@testable import ToyModels

@Suite("The dimensionality of directions")
struct DirectionDimensionalityTests {
  @Test("is PyTorch's, for features and for examples", arguments: DoubleDescentFixture.names)
  func reference(name: String) throws {
    let fixture = try DoubleDescentFixture(name)
    let features = DirectionDimensionality.of(fixture.model.featureVectors)
    let examples = DirectionDimensionality.of(fixture.model.hiddenVectors(SparseExamples(fixture.examples.tensor)))
    #expect(ReferenceNumbers.largestError(features.map(Float.init), fixture.featureDimensionalities.values) < 1e-5)
    #expect(ReferenceNumbers.largestError(examples.map(Float.init), fixture.exampleDimensionalities.values) < 1e-5)
  }

  @Test("is m/T in a regular polygon, and zero for what has no length")
  func polygons() {
    let square = [[1.0, 0], [0, 1], [-1, 0], [0, -1], [0, 0]]
    #expect(DirectionDimensionality.of(square) == [0.5, 0.5, 0.5, 0.5, 0])
    #expect(DirectionDimensionality.of([[3, 4]]) == [1])
    #expect(DirectionDimensionality.of([]) == [])
  }
}
