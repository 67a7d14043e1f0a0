import Tensors
import Testing
import Transformer

/// One configuration of each kind that attention and positions come in, small, with random weights everywhere.
enum ModelKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case learned, learnedWithOffset, shortformer, alibi, none, rotaryHalves, rotaryAdjacent, groupedQueries, multiQuery
  case windows, scoreSoftCap, logitSoftCap, parallel, queryKeyNorm, embeddingScale, gemma2, solu, attentionOnly

  var testDescription: String { rawValue }

  var configuration: TransformerConfiguration {
    var c = TransformerConfiguration(nLayers: 2, dModel: 12, nHeads: 4, dHead: 4, dVocab: 11, nContext: 24)
    switch self {
    case .learned: break
    case .learnedWithOffset: c.positions = .learned(offset: 2)
    case .shortformer: c.positions = .shortformer
    case .alibi: c.positions = .alibi
    case .none: c.positions = .none
    case .rotaryHalves: c.positions = .rotary(Rotary(dimension: 4))
    case .rotaryAdjacent: c.positions = .rotary(Rotary(dimension: 2, base: 100, pairs: .adjacent))
    case .groupedQueries, .multiQuery:
      c.nKeyValueHeads = self == .multiQuery ? 1 : 2
      c.positions = .rotary(Rotary(dimension: 4))
      c.normalization = .rmsNorm
      c.isGated = true
      c.activation = .silu
    case .windows: c.windows = [3, nil]
    case .scoreSoftCap: c.scoreSoftCap = 0.5
    case .logitSoftCap: c.logitSoftCap = 2
    case .parallel: c.residual = .parallel
    case .queryKeyNorm: c.normalizesQueriesAndKeys = true
    case .embeddingScale:
      c.embeddingScale = 3.5
      c.tiesEmbeddings = true
    case .gemma2:
      c.nKeyValueHeads = 2
      c.positions = .rotary(Rotary(dimension: 4))
      c.normalization = .rmsNorm
      c.normalizesOutputs = true
      c.windows = [4, nil]
      c.scoreSoftCap = 5
      c.logitSoftCap = 3
      c.isGated = true
      c.tiesEmbeddings = true
    case .solu: c.activation = .solu
    case .attentionOnly: c.dMLP = 0
    }
    return c
  }

  /// A model whose biases and normalisations are random too.
  var model: HookedTransformer {
    let stream = RandomStream(seed: 5).derived(rawValue)
    var model = HookedTransformer(configuration, initializedFrom: stream)
    model.visitParameters { name, parameter in
      guard parameter.rank == 1 else { return }
      var stream = stream.derived("shift " + name)
      parameter = parameter + stream.normal(parameter.shape, standardDeviation: 0.3)
    }
    return model
  }
}
