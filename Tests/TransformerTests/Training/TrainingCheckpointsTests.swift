import Foundation
import Tensors
import Testing

@testable import Transformer

@Suite("The checkpoints of a training run")
struct TrainingCheckpointsTests {
  @Test("let a run go on to the same bits as one that was never stopped")
  func resume() throws {
    try withCheckpoints { checkpoints in
      var whole = TransformerTrainingTests.training()
      let losses = try whole.train(batch: TransformerTrainingTests.repeated)
      var first = TransformerTrainingTests.training()
      let early = try first.train(until: 20, batch: TransformerTrainingTests.repeated)
      try checkpoints.save(first)
      var second = try #require(try checkpoints.latest())
      #expect(second.hasBits(of: first) && second.settings == first.settings)
      #expect(second.model.configuration == first.model.configuration)
      let late = try second.train(batch: TransformerTrainingTests.repeated)
      #expect(early + late == losses)
      #expect(second.hasBits(of: whole))
    }
  }

  @Test("let another process go on to the same bits")
  func otherProcess() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let checkpoints = TrainingCheckpoints(in: folder)
    var whole = TransformerTrainingTests.training()
    try whole.train(
      checkpoints: .at([20]), keep: { try checkpoints.save($0) }, batch: TransformerTrainingTests.repeated)
    await #expect(processExitsWith: .success) { [folder = folder as String] in
      // Memory of another history than in the process that saved.
      let used = (1...50).map { Tensor(ones: [$0 * 1000]) }
      let checkpoints = TrainingCheckpoints(in: folder)
      var training = try checkpoints.training(atStep: 20)
      try training.train(batch: TransformerTrainingTests.repeated)
      try checkpoints.save(training)
      #expect(used.count == 50)
    }
    #expect(try checkpoints.training(atStep: 40).hasBits(of: whole))
  }

  @Test("are kept as the run goes, load as models, and leave nothing else behind")
  func kept() throws {
    try withCheckpoints { checkpoints in
      #expect(checkpoints.steps == [])
      #expect(try checkpoints.latest() == nil)
      var training = TransformerTrainingTests.training()
      try training.train(
        checkpoints: .every(20).and(at: [3]), keep: { try checkpoints.save($0) },
        batch: TransformerTrainingTests.repeated)
      #expect(checkpoints.steps == [0, 3, 20, 40])
      try checkpoints.save(training)
      let names = try FileManager.default.contentsOfDirectory(atPath: checkpoints.folder).sorted()
      #expect(names == ["step-00000000", "step-00000003", "step-00000020", "step-00000040"])
      let model = try HookedTransformer(contentsOf: checkpoints.path(ofStep: 40))
      #expect(model.namedParameters.map(\.value) == training.model.namedParameters.map(\.value))
      #expect(try checkpoints.training(atStep: 0).optimizer == TransformerTrainingTests.training().optimizer)
    }
  }

  @Test("keep every kind of configuration", arguments: ZooModel.all)
  func kinds(kind: ZooModel) throws {
    try withCheckpoints { checkpoints in
      var training = TransformerTraining(
        kind.model, settings: TrainingSettings(steps: 2, learningRate: 1e-2), stream: RandomStream(seed: .max))
      try training.train(until: 1) { _, _ in someTokens(2, 5) }
      try checkpoints.save(training)
      var loaded = try checkpoints.training(atStep: 1)
      try training.train { _, _ in someTokens(2, 5) }
      try loaded.train { _, _ in someTokens(2, 5) }
      #expect(loaded.hasBits(of: training))
      #expect(loaded.stream.key == .max)
    }
  }

  @Test("say what is wrong with them")
  func faults() throws {
    try withCheckpoints { checkpoints in
      var training = TransformerTrainingTests.training()
      try training.train(until: 2, batch: TransformerTrainingTests.repeated)
      try checkpoints.save(training)
      let path = checkpoints.path(ofStep: 2)
      let record = try String(contentsOfFile: path + "/training.json", encoding: .utf8)
      func reason(_ text: String) throws -> String {
        try text.write(toFile: path + "/training.json", atomically: true, encoding: .utf8)
        let error = #expect(throws: CheckpointError.self) { try checkpoints.training(atStep: 2) }
        return error?.description ?? ""
      }
      #expect(
        try reason(record.replacing("\"step\" : 2", with: "\"step\" : 3")).contains("is of step 3; its folder says 2"))
      #expect(try reason(record.replacing("training-1", with: "training-9")).contains("unknown format"))
      #expect(try reason("{").contains("is not the record of a training run"))
      try record.write(toFile: path + "/training.json", atomically: true, encoding: .utf8)
      try SafetensorsFile.write([("first.embed.W_E", Tensor(zeros: [1]))], to: path + "/optimizer.safetensors")
      let error = #expect(throws: CheckpointError.self) { try checkpoints.training(atStep: 2) }
      #expect(error?.reason.contains("'first.embed.W_E' has the shape [1]; [12, 32] was expected") == true)
      #expect(throws: CheckpointError.self) { try checkpoints.training(atStep: 5) }
    }
  }

  private func withCheckpoints(_ body: (TrainingCheckpoints) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(TrainingCheckpoints(in: folder.path))
  }
}
