// Small random models of every kind, whose every weight matters: also biases and the weights of normalisations.

import Tensors
import Transformer

/// A named architecture; the name is what a failing test prints.
struct ZooModel: Sendable, CustomStringConvertible {
  let description: String
  let configuration: TransformerConfiguration

  init(_ name: String, _ change: (inout TransformerConfiguration) -> Void = { _ in }) {
    var configuration = TransformerConfiguration(
      nLayers: 2, dModel: 12, nHeads: 4, dHead: 4, dMLP: 20, dVocab: 11, nContext: 16)
    change(&configuration)
    description = name
    self.configuration = configuration
  }

  /// The model with weights of a deviation that lets every mistake show.
  var model: HookedTransformer {
    var configuration = configuration
    configuration.initializerRange = 0.4
    let stream = RandomStream(seed: 3).derived(description)
    var model = HookedTransformer(configuration, initializedFrom: stream)
    model.visitParameters { name, tensor in
      guard tensor.rank == 1 else { return }
      var stream = stream.derived("noise of \(name)")
      tensor += stream.normal(tensor.shape, standardDeviation: 0.3)
    }
    return model
  }

  static let all: [ZooModel] = [
    ZooModel("gpt2"),
    ZooModel("tied") { $0.tiesEmbeddings = true },
    ZooModel("exact gelu, bidirectional") {
      $0.activation = .gelu
      $0.direction = .bidirectional
    },
    ZooModel("llama") {
      $0.normalization = .rmsNorm
      $0.positions = .rotary(Rotary(dimension: 4))
      $0.activation = .silu
      $0.isGated = true
      $0.nKeyValueHeads = 2
    },
    ZooModel("neox") {
      $0.positions = .rotary(Rotary(dimension: 2))
      $0.residual = .parallel
    },
    ZooModel("gptj") {
      $0.positions = .rotary(Rotary(dimension: 4, pairs: .adjacent))
      $0.residual = .parallel
    },
    ZooModel("gemma2") {
      $0.normalization = .rmsNorm
      $0.normalizesOutputs = true
      $0.positions = .rotary(Rotary(dimension: 4))
      $0.isGated = true
      $0.scoreSoftCap = 2
      $0.logitSoftCap = 3
      $0.embeddingScale = 3.5
      $0.windows = [3, nil]
      $0.nKeyValueHeads = 1
    },
    ZooModel("qwen3") {
      $0.normalization = .rmsNorm
      $0.normalizesQueriesAndKeys = true
      $0.positions = .rotary(Rotary(dimension: 4))
      $0.isGated = true
      $0.activation = .silu
    },
    ZooModel("smeared keys, scores by layer") {
      $0.positions = .rotary(Rotary(dimension: 4))
      $0.nKeyValueHeads = 2
      $0.smearsKeys = true
      $0.scalesScoresByLayer = true
    },
    ZooModel("alibi") { $0.positions = .alibi },
    ZooModel("shortformer without normalisation weights") {
      $0.positions = .shortformer
      $0.normalization = .layerNormPre
    },
    ZooModel("attention only") { $0.dMLP = 0 },
    ZooModel("attention only, bare") {
      $0.dMLP = 0
      $0.normalization = .none
      $0.positions = .none
    },
    ZooModel("solu") { $0.activation = .solu },
    ZooModel("relu without final normalisation") {
      $0.activation = .relu
      $0.finalNormalization = Normalization.none
    },
    ZooModel("rms, relu") {
      $0.activation = .relu
      $0.normalization = .rmsNorm
    },
  ]
}

/// Tokens of a batch, the same for every test that asks for the same shape.
func someTokens(_ batch: Int, _ positions: Int, vocabulary: Int = 11) -> TokenBatch {
  var stream = RandomStream(seed: 17)
  let tokens = (0..<batch * positions).map { _ in stream.integer(below: vocabulary) }
  return TokenBatch(tokens: tokens, batch: batch, positions: positions)
}

extension Tensor {
  /// The largest difference of elements; infinite when shapes differ, NaN counts as infinite.
  func difference(from other: Tensor) -> Float {
    guard shape == other.shape else { return .infinity }
    return zip(elements, other.elements).reduce(0) { largest, pair in
      if pair.0 == pair.1 { return largest }
      let difference = abs(pair.0 - pair.1)
      return difference.isNaN ? .infinity : max(largest, difference)
    }
  }
}
