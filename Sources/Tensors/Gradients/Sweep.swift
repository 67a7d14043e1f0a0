// The gradients in flight during one backward pass: what has reached each entry of the tape so far.
//
// The first contribution to an entry is taken over as it is; later ones are added in place. Products write straight
// into the buffer, with β = 1 when something is there already.

/// The gradients that one backward pass is summing up.
final class Sweep {
  private var gradients: [Tensor?]
  private let oldest: Int

  init(count: Int, oldest: Int) {
    gradients = Array(repeating: nil, count: count)
    self.oldest = oldest
  }

  /// Whether anyone needs the gradient of an operand: constants and what lies before the oldest variable take none.
  func wants(_ index: Int) -> Bool { index >= oldest && index != Variable.constantIndex }

  /// The gradient of an entry, removed so that its rule owns it.
  func take(_ index: Int) -> Tensor? {
    var gradient: Tensor?
    swap(&gradient, &gradients[index])
    return gradient
  }

  /// The gradient that stays with an entry without a rule.
  func gradient(_ index: Int) -> Tensor? { gradients[index] }

  /// Adds a contribution of the operand's shape.
  func add(_ contribution: Tensor, to index: Int) {
    guard wants(index) else { return }
    guard let shape = gradients[index]?.shape else {
      gradients[index] = contribution
      return
    }
    precondition(
      shape == contribution.shape, "a gradient of shape \(contribution.shape) was added to one of shape \(shape)")
    gradients[index]?.withUnsafeMutableElements { sum in
      contribution.withUnsafeElements { contribution in
        for position in sum.indices { sum[position] += contribution[position] }
      }
    }
  }

  /// Lets a kernel compute C ← contribution + β·C on the operand's gradient; C is undefined where β is 0.
  func write(to index: Int, shape: [Int], _ kernel: (_ c: UnsafeMutableBufferPointer<Float>, _ beta: Float) -> Void) {
    guard wants(index) else { return }
    let isFirst = gradients[index] == nil
    if isFirst { gradients[index] = Tensor(uninitialized: shape) }
    gradients[index]?.withUnsafeMutableElements { kernel($0, isFirst ? 0 : 1) }
  }

  /// Lets a kernel add to the operand's gradient, which begins as zeros.
  func scatter(to index: Int, shape: [Int], _ kernel: (UnsafeMutableBufferPointer<Float>) -> Void) {
    guard wants(index) else { return }
    if gradients[index] == nil { gradients[index] = Tensor(zeros: shape) }
    gradients[index]?.withUnsafeMutableElements { kernel($0) }
  }
}
