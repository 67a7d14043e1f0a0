import Tensors
import Testing
import Transformer

@Suite("Gradients at hooks")
struct GradientsTests {
  /// The models without kinks: a finite difference across one is no slope.
  private static let smooth = ZooModel.all.filter { $0.configuration.activation != .relu }

  /// A number that depends on every logit, smoothly.
  private func metric(_ logits: Variable) -> Variable {
    let weights = Tensor((0..<logits.value.count).map { Float(($0 * 37) % 11) / 11 - 0.4 }, logits.shape)
    return (logits * Variable(weights)).sum()
  }

  @Test("are the slopes that replacing the activation shows", arguments: smooth)
  func finiteDifferences(_ zoo: ZooModel) throws {
    let (model, tokens) = (zoo.model, someTokens(1, 4))
    for point in zoo.configuration.hookPoints {
      let (_, activations, gradients) = try model.gradients(tokens, at: [point.name], of: metric)
      let (value, gradient) = (activations[point], gradients[point])
      var stream = RandomStream(seed: 5).derived(point.name)
      var direction = stream.normal(value.shape)
      if point.activation == .attnScores {
        for index in 0..<value.count where !value.elements[index].isFinite {
          direction.withUnsafeMutableElements { $0[index] = 0 }
        }
      }
      let step: Float = 3e-3
      func moved(_ sign: Float) throws -> Float {
        let logits = try model.runWithHooks(
          tokens, hooks: [.replacing([point.name], with: value + direction * (sign * step))])
        return metric(Variable(logits)).scalar
      }
      let slope = (try moved(1) - (try moved(-1))) / (2 * step)
      let expected = (gradient * direction).sum()
      #expect(abs(slope - expected) < 0.02 * max(1, abs(expected), gradient.norm()), "\(point): \(slope), \(expected)")
    }
  }

  @Test("of parameters are the slopes of the loss", arguments: smooth)
  func parameters(_ zoo: ZooModel) throws {
    let (model, tokens) = (zoo.model, someTokens(2, 5))
    let (value, gradients) = model.valueAndGradients { model.loss(tokens, parameters: $0) }
    #expect(abs(value - model.loss(tokens)) < 1e-5)
    for name in gradients.names {
      var stream = RandomStream(seed: 6).derived(name)
      let direction = stream.normal(gradients[name].shape)
      let step: Float = 2e-3
      func moved(_ sign: Float) -> Float {
        var changed = model
        changed.visitParameters { if $0 == name { $1 += direction * (sign * step) } }
        return changed.loss(tokens)
      }
      let slope = (moved(1) - moved(-1)) / (2 * step)
      let expected = (gradients[name] * direction).sum()
      #expect(abs(slope - expected) < 0.02 * max(0.5, abs(expected), gradients[name].norm()), "\(name)")
    }
  }

  @Test("pass through differentiable hooks and stop at the others")
  func hooks() throws {
    let (model, tokens) = (ZooModel.all[0].model, someTokens(1, 4))
    let names: HookFilter = ["blocks.0.hook_resid_pre"]
    let plain = try model.gradients(tokens, at: names, of: metric).gradients[.residPre, layer: 0]
    let half = try model.gradients(
      tokens, at: names,
      hooks: [Hook("blocks.0.hook_resid_post", differentiable: { value, _ in value * 1 })], of: metric)
    #expect(half.gradients[.residPre, layer: 0].difference(from: plain) < 1e-4)
    let stopped = try model.gradients(
      tokens, at: names, hooks: [Hook("blocks.0.hook_resid_post") { value, _ in value *= Tensor(1) }], of: metric)
    #expect(stopped.gradients[.residPre, layer: 0].norm() == 0)
  }
}
