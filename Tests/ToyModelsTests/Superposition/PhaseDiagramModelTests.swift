import Tensors
import Testing

@testable import ToyModels

@Suite("Quadrature over few features")
struct QuadratureTests {
  @Test("integrates every polynomial of degree below twice its nodes, and no further", arguments: [1, 2, 5, 12])
  func polynomials(count: Int) {
    let (nodes, weights) = gaussLegendre(count)
    func error(_ degree: Int) -> Double {
      let integral = zip(nodes, weights).reduce(0) { total, term in
        total + term.1 * (0..<degree).reduce(1) { power, _ in power * term.0 }
      }
      return abs(integral - 1 / Double(degree + 1))
    }
    for degree in 0..<2 * count { #expect(error(degree) < 1e-13, "degree \(degree)") }
    if count <= 5 { #expect(error(2 * count) > 1e-8) }
  }

  @Test("has the probability one in all, padding included", arguments: [0.01, 0.3, 1])
  func probabilities(density: Double) {
    for (features, nodes) in [(2, 12), (3, 5)] {
      let task = QuadratureTask(importance: Array(repeating: 1, count: features), density: density, nodes: nodes)
      let points = points(of: task)
      #expect(abs(points.reduce(0) { $0 + $1.weight } - 1) < 1e-6)
      let active = points.reduce(0) { $0 + ($1.inputs[0] > 0 ? $1.weight : 0) }
      #expect(abs(active - density) < 1e-6)
    }
  }

  @Test("gives the loss of the closed forms", arguments: [0.05, 0.4, 1], [0.3, 1, 4])
  func closedForms(density: Double, importance: Double) throws {
    let task = QuadratureTask(importance: [1, Float(importance)], density: density, nodes: 12)
    let theory = PhaseTheory.twoInOne(density: density, importance: importance)
    let pass = QuadraturePass(task: task, hidden: 1, isLinear: false)
    var gradient = [Float](repeating: 0, count: 4)
    let ignored = Double(pass.run([1, 0, 0, Float(density / 2)], gradient: &gradient))
    #expect(abs(ignored - (try #require(theory.losses[.ignored]))) < 1e-6)
    let dedicated = Double(pass.run([0, 1, Float(density / 2), 0], gradient: &gradient))
    #expect(abs(dedicated - (try #require(theory.losses[.dedicated]))) < 1e-6)
    // The loss of a pair has a kink where both are equal: quadrature is not exact there.
    let pair = Double(pass.run([1, -1, 0, 0], gradient: &gradient))
    #expect(abs(pair / (try #require(theory.losses[.superposed])) - 1) < 0.01)
  }

  @Test("has the loss and the gradient of a plain sum over its points", arguments: [2, 3], [false, true])
  func gradient(features: Int, isLinear: Bool) {
    let hidden = features - 1
    let task = QuadratureTask(
      importance: [1, 0.5, 2].prefix(features).map { $0 }, density: 0.4, nodes: features == 2 ? 12 : 5)
    var random = RandomStream(seed: 5)
    let parameters = (0..<features * hidden + features).map { _ in 0.7 * random.normal() }
    var gradient = [Float](repeating: 0, count: parameters.count)
    let loss = QuadraturePass(task: task, hidden: hidden, isLinear: isLinear).run(parameters, gradient: &gradient)
    let plain = parameters.map { Double($0) }
    #expect(abs(Double(loss) - expectedLoss(task, plain, hidden: hidden, isLinear: isLinear)) < 1e-5)
    for index in plain.indices {
      var (low, high) = (plain, plain)
      low[index] -= 1e-6
      high[index] += 1e-6
      let difference =
        expectedLoss(task, high, hidden: hidden, isLinear: isLinear)
        - expectedLoss(task, low, hidden: hidden, isLinear: isLinear)
      #expect(abs(Double(gradient[index]) - difference / 2e-6) < 1e-4, "parameter \(index)")
    }
  }

  @Test("trains sparse features into an antipodal pair at the loss of theory, dense ones into neither")
  func training() {
    for (density, phase) in [(0.1, Phase.superposed), (0.9, .ignored)] {
      let task = QuadratureTask(importance: [1, 0.5], density: density, nodes: 12)
      let models = (0..<6).map {
        PhaseDiagramModel.trained(on: task, hidden: 1, steps: 800, using: RandomStream(seed: 1).derived("model", $0))
      }
      let theory = PhaseTheory.twoInOne(density: density, importance: 0.5)
      let best = models.min { $0.loss < $1.loss }
      #expect(best.map(PhaseTheory.classify) == phase)
      #expect(theory.best == phase)
      #expect((best?.loss ?? .infinity) < 1.01 * theory.minimum)
    }
  }

  /// The points of a task: the inputs and the probability of each.
  private func points(of task: QuadratureTask) -> [(inputs: [Double], weight: Double)] {
    stride(from: 0, to: task.groups.count, by: task.features + 1).flatMap { start in
      (0..<8).map { lane in
        let inputs = (0..<task.features).map { Double(task.groups[start + $0][lane]) }
        return (inputs, Double(task.groups[start + task.features][lane]))
      }
    }
  }

  /// The expected loss as a plain sum in double precision; parameters are W `[feature, hidden]`, then b.
  private func expectedLoss(_ task: QuadratureTask, _ parameters: [Double], hidden: Int, isLinear: Bool) -> Double {
    let n = task.features
    func weight(_ feature: Int, _ k: Int) -> Double { parameters[feature * hidden + k] }
    return points(of: task).reduce(0) { total, point in
      let h = (0..<hidden).map { k in (0..<n).reduce(0) { $0 + point.inputs[$1] * weight($1, k) } }
      let errors = (0..<n).map { i -> Double in
        let before = (0..<hidden).reduce(parameters[n * hidden + i]) { $0 + h[$1] * weight(i, $1) }
        let error = (isLinear ? before : max(before, 0)) - point.inputs[i]
        return Double(task.importance[i]) * error * error
      }
      return total + point.weight * errors.reduce(0, +)
    }
  }
}

@Suite("The theory of phases")
struct PhaseTheoryTests {
  @Test("has its borders where two losses are equal", arguments: [0.2, 0.7, 1, 2, 6])
  func boundaries(importance: Double) {
    let border = PhaseTheory.boundary(importance: importance)
    #expect(PhaseTheory.twoInOne(density: border, importance: importance).margin < 1e-12)
    let below = PhaseTheory.twoInOne(density: 0.9 * border, importance: importance)
    #expect(below.best == .superposed)
    let above = PhaseTheory.twoInOne(density: min(1.1 * border, 1), importance: importance)
    #expect(above.best == (importance <= 1 ? .ignored : .dedicated))
    #expect(below.margin > 0.01 && (above.margin > 0.01 || importance == 1))
  }

  @Test("meets in one point at equal importance")
  func triplePoint() {
    #expect(abs(PhaseTheory.boundary(importance: 1) - 4.0 / 7) < 1e-12)
    #expect(abs(PhaseTheory.boundary(importance: 1.000_001) - 4.0 / 7) < 1e-5)
  }

  @Test("lets the other two of three share or ignores one of them, whichever costs less")
  func three() {
    let sparse = PhaseTheory.threeInTwo(density: 0.1, importance: 2)
    #expect(sparse.best == .dedicated && abs(sparse.minimum - 0.01 / 3) < 1e-12)
    let dense = PhaseTheory.threeInTwo(density: 1, importance: 2)
    #expect(dense.best == .dedicated && abs(dense.minimum - 1.0 / 12) < 1e-12)
    #expect(PhaseTheory.threeInTwo(density: 0.1, importance: 0.5).best == .superposed)
  }

  @Test("names what a model does with its last feature")
  func classification() {
    func phase(_ directions: [[Double]]) -> Phase {
      PhaseTheory.classify(PhaseDiagramModel(directions: directions, bias: directions.map { _ in 0 }, loss: 0))
    }
    #expect(phase([[1], [0]]) == .ignored)
    #expect(phase([[0.2], [-1]]) == .dedicated)
    #expect(phase([[1], [-1]]) == .superposed)
    #expect(phase([[1, 0], [-1, 0], [0, 1]]) == .dedicated)
    #expect(phase([[1, 0], [0, 1], [0, -1]]) == .superposed)
    #expect(phase([[1, 0], [0, 1], [0.3, 0.3]]) == .ignored)
  }
}
