// Choices that do not go together: found when a model is made, since afterwards they would be read as sizes of memory.

import Tensors

extension TransformerConfiguration {
  /// What is wrong with the choices, as a sentence; nil when a model can be made of them.
  public var fault: String? {
    if nLayers < 0 || dModel < 1 || dVocab < 1 || dVocabOut < 1 || nContext < 1 || dMLP < 0 {
      return "a transformer needs positive sizes"
    }
    if tiesEmbeddings && dVocabOut != dVocab {
      return "an unembedding that is tied to \(dVocab) tokens cannot predict \(dVocabOut)"
    }
    if !windows.isEmpty && windows.count != nLayers {
      return "there are \(windows.count) windows for \(nLayers) layers: give one for each, or none"
    }
    if let window = windows.compactMap(\.self).first(where: { $0 < 1 }) {
      return "a window of \(window) keys leaves nothing to see"
    }
    if let cap = [scoreSoftCap, logitSoftCap].compactMap(\.self).first(where: { !($0 > 0) }) {
      return "a soft cap of \(cap) is not positive"
    }
    return nLayers > 0 ? attentionFault : nil
  }

  /// What is wrong with the heads of a model with layers.
  private var attentionFault: String? {
    if nHeads < 1 || dHead < 1 || nKeyValueHeads < 1 {
      return "\(nHeads) heads of width \(dHead) with \(nKeyValueHeads) for keys and values: each must be positive"
    }
    if !nHeads.isMultiple(of: nKeyValueHeads) {
      return "\(nHeads) heads cannot share \(nKeyValueHeads) heads of keys and values evenly"
    }
    if let rotary = positions.rotary, !(0...dHead).contains(rotary.dimension) || !rotary.dimension.isMultiple(of: 2) {
      return "\(rotary.dimension) elements of a head of \(dHead) cannot be rotated: "
        + "an even number up to the width of a head is needed"
    }
    return nil
  }

  /// Stops the program when no model can be made of the choices.
  func requireNoFault() {
    if let fault { preconditionFailure("no transformer has this configuration: \(fault)") }
  }
}
