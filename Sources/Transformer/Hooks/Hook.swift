// Interventions: functions that see an activation on its way and may replace it.
//
// Hooks are handed to one run and end with it. Nothing is registered on a model, so nothing can be left behind.

import Tensors

/// A function that is called with some activations of one run and may change them.
public struct Hook {
  /// The hook points it is called at.
  public let filter: HookFilter

  /// Computes what the rest of the run sees, from what was computed.
  let apply: (_ value: Variable, _ point: HookPoint) throws -> Variable

  /// Creates a hook that changes activations in place.
  ///
  ///     Hook("blocks.0.hook_resid_mid") { stream, _ in stream *= Tensor(2) }
  ///
  /// Gradients do not pass through it; they stop at the changed activation.
  public init(_ filter: HookFilter, _ edit: @escaping (_ activation: inout Tensor, _ point: HookPoint) throws -> Void) {
    self.filter = filter
    apply = { value, point in
      var edited = value.value
      try edit(&edited, point)
      return Variable(edited)
    }
  }

  /// Creates a hook that computes with variables, so that gradients pass through it.
  public init(
    _ filter: HookFilter, differentiable edit: @escaping (_ activation: Variable, _ point: HookPoint) throws -> Variable
  ) {
    self.filter = filter
    apply = edit
  }

  /// Replaces an activation by one of the same shape.
  public static func replacing(_ name: HookFilter, with tensor: Tensor) -> Hook {
    Hook(name) { activation, _ in activation = tensor }
  }
}
