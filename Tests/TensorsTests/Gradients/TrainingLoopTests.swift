// The loop: it learns, reports, stops when told or when the loss is lost, and resumes to the same bits.

import Synchronization
import Testing

@testable import Tensors

@Suite("Training loop")
struct TrainingLoopTests {
  /// A regression whose answer is known.
  private struct Line: Parameterized {
    var slope = Tensor(zeros: [2, 1])
    var offset = Tensor(zeros: [1])

    mutating func visitParameters(_ visit: ParameterVisitor) {
      visit("slope", &slope)
      visit("offset", &offset)
    }

    static func loss(_ parameters: Parameters, _ step: Int) -> Variable {
      var stream = RandomStream(seed: 7).derived("batch", step)
      let x = stream.normal([32, 2])
      let y = x.matmul(Tensor([2, -3], [2, 1])) + 0.5
      let prediction = Variable(x).linear(parameters["slope"], bias: parameters["offset"])
      return prediction.weightedSquaredError(to: Variable(y), weights: Tensor([1], [1]), dividingBy: 32)
    }
  }

  @Test("trains a model to the known answer")
  func learns() throws {
    var model = Line()
    var optimizer: some Optimizer = Adam.adam(learningRate: 0.1)
    let loop = TrainingLoop(steps: 400, schedule: .quarterCosine(over: 400))
    let losses = try loop.train(&model, with: &optimizer, loss: Line.loss)
    #expect(losses.count == 400)
    #expect(model.slope.isApproximatelyEqual(to: Tensor([2, -3], [2, 1]), absolute: 1e-3))
    #expect(model.offset.isApproximatelyEqual(to: Tensor([0.5], [1]), absolute: 1e-3))
    #expect(losses[0] > 5 && losses[399] < 1e-5)
    #expect(optimizer.learningRate == 0.1)
  }

  @Test("resumes to the same bits")
  func resumes() throws {
    let loop = TrainingLoop(steps: 30, schedule: .halfCosine(over: 30), clipping: .globalNorm(1))
    var (whole, wholeOptimizer) = (Line(), Adam.adamW(learningRate: 0.1))
    let losses = try loop.train(&whole, with: &wholeOptimizer, loss: Line.loss)
    var (model, optimizer) = (Line(), Adam.adamW(learningRate: 0.1))
    var first = loop
    first.steps = 12
    let early = try first.train(&model, with: &optimizer, loss: Line.loss)
    let late = try loop.train(&model, with: &optimizer, from: 12, loss: Line.loss)
    #expect(early + late == losses)
    #expect(model.slope == whole.slope)
    #expect(optimizer == wholeOptimizer)
  }

  @Test("reports progress at its interval and at the end")
  func reports() throws {
    let seen = Mutex<[TrainingProgress]>([])
    let loop = TrainingLoop(steps: 25, reportInterval: 10) { progress in seen.withLock { $0.append(progress) } }
    try loop.run { step, _ in Float(step) }
    let reports = seen.withLock { $0 }
    #expect(reports.map(\.step) == [9, 19, 24])
    #expect(reports.map(\.fraction) == [0.4, 0.8, 1])
    #expect(reports.map(\.loss) == [9, 19, 24])
  }

  @Test("stops at the step where the loss is no number, with the model as it was before")
  func notANumber() {
    var model = Line()
    var optimizer = StochasticGradientDescent(learningRate: 0.1)
    var before = model
    #expect(throws: TrainingError.lossNotFinite(step: 3, loss: .infinity)) {
      try TrainingLoop(steps: 10).train(
        &model, with: &optimizer, observe: { step, model, _ in if step == 2 { before = model } },
        loss: { parameters, step in step == 3 ? Line.loss(parameters, step) / 0 : Line.loss(parameters, step) })
    }
    #expect(model.slope == before.slope)
    #expect(optimizer.step == 3)
    #expect("\(TrainingError.lossNotFinite(step: 3, loss: .nan))".contains("step 3"))
  }

  @Test("stops when its task is cancelled, at a step that the interval divides")
  func cancels() async {
    let task = Task {
      var steps = 0
      do {
        try TrainingLoop(steps: 1000, cancellationInterval: 4).run { step, _ in
          if step == 5 { withUnsafeCurrentTask { $0?.cancel() } }
          steps += 1
          return 0
        }
      } catch is CancellationError {
        return steps
      } catch {
        return -1
      }
      return -2
    }
    #expect(await task.value == 8)
  }

  @Test("hands the schedule's factor to a step of the caller's own")
  func factors() throws {
    var factors: [Double] = []
    try TrainingLoop(steps: 4, schedule: .linearDecay(over: 4)).run { _, factor in
      factors.append(factor)
      return 0
    }
    #expect(factors == [1, 0.75, 0.5, 0.25])
  }
}
