import Tensors
import Testing
import ToyModels

@testable import Replications

@Suite("The restarts of a training")
struct TrainedModelsTests {
  @Test("are chosen among by loss, whatever else looks better")
  func selection() {
    // One feature in one dimension; the second model has the lowest loss, the others the extreme weights.
    let model = SuperpositionModel(
      architecture: .reluOutput(features: 1, hidden: 1), encoder: Tensor([0.1, 0.7, 2], [3, 1, 1]),
      bias: Tensor(zeros: [3, 1]))
    let trained = TrainedModels(model: model, losses: [0.5, 0.25, 0.75])
    #expect(trained.best == 1)
    #expect(trained.bestLoss == 0.25)
    #expect(abs(trained.bestGeometry.norms[0] - 0.7) < 1e-6)
    #expect(abs(trained.rate { $0.norms[0] > 0.5 } - 2.0 / 3) < 1e-12)
  }

  @Test("are not chosen when their training diverged and another's did not")
  func diverged() {
    let model = SuperpositionModel(
      architecture: .reluOutput(features: 1, hidden: 1), encoder: Tensor([0.1, 0.7, 2], [3, 1, 1]),
      bias: Tensor(zeros: [3, 1]))
    #expect(TrainedModels(model: model, losses: [.nan, 0.5, 0.25]).best == 2)
    #expect(TrainedModels(model: model, losses: [0.5, 0.25, -.infinity]).best == 1)
    #expect(TrainedModels(model: model, losses: [.nan, .nan, .nan]).best == 0)
  }
}
