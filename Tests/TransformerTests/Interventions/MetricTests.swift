// Metrics read the same numbers as all logits would give.

import Tensors
import Testing

@testable import Transformer

@Suite("Metrics") struct MetricTests {
  @Test("are what all logits say", arguments: InterventionModel.all)
  func equalsLogits(_ subject: InterventionModel) throws {
    let logits = subject.model(subject.clean)
    let places = [4, 0, 2]
    let logarithms = logits.logSoftmax()
    func expect(_ metric: Metric, _ expected: (Int) -> Float) throws {
      let values = try subject.model.evaluate(metric, on: subject.clean)
      let size = max(1, logits.magnitudes().maximum())
      #expect(largestDifference(values, (0..<3).map(expected)) < 3e-6 * size)
    }
    try expect(.logitDifference(correct: [1, 2, 3], incorrect: [4, 4, 0], positions: .each(places))) {
      logits[$0, places[$0], $0 + 1] - logits[$0, places[$0], [4, 4, 0][$0]]
    }
    try expect(.logit([5, 0, 10])) { logits[$0, 4, [5, 0, 10][$0]] }
    try expect(.logProbability([5, 0, 10], positions: .each(places))) { logarithms[$0, places[$0], [5, 0, 10][$0]] }
    try expect(.custom { $0.maximum(axis: 1).elements }) {
      logits.slice(axis: 0, at: $0).slice(axis: 0, at: 4).maximum()
    }
    try expect(.differentiable { logits, _ in logits.slice(axis: 1, 2..<3).squared().sum(axes: [1]) }) {
      logits[$0, 4, 2] * logits[$0, 4, 2]
    }
  }

  @Test("answers to more or fewer examples than there are stop with a sentence", arguments: [2, 4])
  func examples(_ count: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [count] in
      let subject = InterventionModel(.layerNorm)
      _ = try subject.model.evaluate(.logit(Array(repeating: 1, count: count)), on: subject.clean)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("a metric with answers to \(count) examples for 3 of them"))
  }

  @Test("the metric of some examples is that part of the metric")
  func parts() throws {
    let subject = InterventionModel(.layerNorm)
    for metric in [
      subject.metric, .logProbability([1, 2, 3], positions: .each([0, 4, 2])),
      .differentiable { logits, rows in
        logits.slice(axis: 1, 0..<1).sum(axes: [1]) * Variable(Tensor(rows.map { Float($0) }, [rows.count]))
      },
    ] {
      let whole = try subject.model.evaluate(metric, on: subject.clean)
      let part = try subject.model.evaluate(metric.of(1..<3), on: subject.clean.rows(1..<3))
      #expect(largestDifference(Array(whole[1...]), part) < 1e-5)
    }
  }
}
