// The superposition models in the general way: recorded on a tape and differentiated by it, all instances in one pass. The
// fused step is held against this; new variants start here.

import Tensors

extension SuperpositionModel: Parameterized {
  /// Shows the encoder, the decoder where it is a matrix of its own, and the bias.
  public mutating func visitParameters(_ visit: ParameterVisitor) {
    visit("encoder", &encoder)
    if var own = decoder {
      // Moved out and back, so that an update in place copies nothing.
      decoder = nil
      visit("decoder", &own)
      decoder = own
    }
    visit("bias", &bias)
  }

  /// The loss of the notebook on given samples: a mean over samples and features, summed over instances.
  ///
  /// - Parameters:
  ///   - x: Samples `[sample, feature]`, the same for all instances.
  ///   - importance: The importance I_i of each feature.
  ///   - parameters: The model's parameters as variables.
  public func loss(_ x: Tensor, importance: [Float], parameters: Parameters) -> Variable {
    let (n, instances) = (architecture.features, instances)
    precondition(x.rank == 2 && x.shape[1] == n, "samples of shape \(x.shape) for \(n) features")
    let input = Variable(x.broadcast(to: [instances] + x.shape))
    let decoder = parameters[architecture.isTied ? "encoder" : "decoder"]
    var hidden = input.matmul(parameters["encoder"])
    if architecture.hiddenActivation == .relu { hidden = hidden.relu() }
    var output = hidden.matmul(decoder, transposingOther: true) + parameters["bias"].reshaped([instances, 1, n])
    if architecture.outputActivation == .relu { output = output.relu() }
    return output.weightedSquaredError(
      to: architecture.target == .magnitude ? input.magnitudes() : input, weights: Tensor(importance, [n]),
      dividingBy: Float(x.count))
  }
}
