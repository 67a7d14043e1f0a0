// Edge attribution patching (EAP): to first order, what each edge from a writer to a reader of the stream carries.
//
// Syed, Rager and Conmy 2023: the change of what the writer writes, times the gradient at the reader's own copy of the
// stream. Since the stream is a sum, the edges out of a writer sum to its node attribution.

import Tensors

/// The first-order effect of each edge of a transformer on a metric.
public struct EdgeAttribution: Sendable {
  /// The parts that write, in the order of the first axis.
  public let writers: [Writer]
  /// The parts that read, in the order of the second axis.
  public let readers: [Reader]
  /// What each edge carries, `[writer, reader, batch, position]`; zero where there is no edge.
  public let values: Tensor
  /// The node attribution of each writer, `[writer, batch, position]`.
  public let nodes: Tensor
  /// The metric of the corrupted run.
  public let baseline: [Float]

  /// The effect of each edge summed over positions, `[writer, reader, batch]`.
  public var scores: Tensor { values.sum(axis: 3) }

  /// The edges that exist with their scores averaged over examples, the largest magnitude first.
  public func ranked(in configuration: TransformerConfiguration) -> [(writer: Writer, reader: Reader, score: Float)] {
    let means = scores.mean(axis: 2)
    var edges: [(writer: Writer, reader: Reader, score: Float)] = []
    for (row, writer) in writers.enumerated() {
      for (column, reader) in readers.enumerated() where reader.reads(writer, in: configuration) {
        edges.append((writer, reader, means[row, column]))
      }
    }
    return edges.enumerated().sorted {
      ($0.element.score.magnitude, -$0.offset) > ($1.element.score.magnitude, -$1.offset)
    }.map(\.element)
  }
}

extension HookedTransformer {
  /// The first-order effect of every edge between parts of the model when it carries the clean run's values.
  ///
  /// Writers are the embedding, heads and MLPs; readers are queries, keys and values of heads, MLPs and the logits.
  /// Gradients are taken before the readers' normalisations, in each reader's own copy of the stream. Positive where
  /// the clean value would raise the metric. Refused where attention's or the MLP's output is normalised before it is
  /// added: heads do not add to the stream one by one there. `tokensAtOnce` bounds the memory: every head has four copies
  /// of the stream.
  public func edgeAttribution(
    clean: TokenBatch, corrupted: TokenBatch, metric: Metric, gradient: AttributionGradient = .corrupted,
    tokensAtOnce: Int = 256
  ) throws -> EdgeAttribution {
    let c = configuration
    guard !c.normalizesOutputs else {
      throw InterventionError.unsupported("heads whose summed output is normalised have no edges of their own")
    }
    let written: [ActivationName] = [.embed, .result, .mlpOut]
    let read: [ActivationName] = [.qInput, .kInput, .vInput, .mlpIn]
    let last = HookPoint(.residPost, layer: max(c.nLayers - 1, 0))
    let (writers, readers) = (Writer.all(of: c), Reader.all(of: c))
    var (values, nodes, baseline): ([Tensor], [Tensor], [Float]) = ([], [], [])
    try AttributionRuns.inParts(
      self, clean: clean, corrupted: corrupted, metric: metric,
      differences: c.hookPoints.filter { written.contains($0.activation) },
      gradientsAt: c.hookPoints.filter { (read + written).contains($0.activation) || $0 == last }, at: gradient,
      tokensAtOnce: tokensAtOnce
    ) { runs in
      let changes = runs.byWriter(c) { difference(runs.clean[$0], runs.corrupted[$0]) }
      // For each token, all writers times all readers is one product.
      let products = changes.matmul(runs.byReader(c, last), transposingOther: true)
      values.append(products.transposed([2, 3, 0, 1]))
      nodes.append((changes * runs.byWriter(c) { runs.gradients[$0] }).sum(axis: 3).transposed([2, 0, 1]))
      baseline += runs.baseline
    }
    var edges = Tensor.concatenated(values, axis: 2)
    let cells = corrupted.tokens.count
    edges.withUnsafeMutableElements { edges in
      for (row, writer) in writers.enumerated() {
        for (column, reader) in readers.enumerated() where !reader.reads(writer, in: c) {
          let start = (row * readers.count + column) * cells
          for index in start..<start + cells { edges[index] = 0 }
        }
      }
    }
    return EdgeAttribution(
      writers: writers, readers: readers, values: edges, nodes: Tensor.concatenated(nodes, axis: 1), baseline: baseline)
  }
}

extension AttributionRuns {
  /// Something of every writer's output, `[batch, position, writer, dModel]`.
  fileprivate func byWriter(_ c: TransformerConfiguration, _ value: (HookPoint) -> Tensor) -> Tensor {
    var parts = [value(HookPoint(.embed)).insertingAxis(at: 2)]
    for layer in 0..<c.nLayers {
      parts.append(value(HookPoint(.result, layer: layer)))
      if !c.isAttentionOnly { parts.append(value(HookPoint(.mlpOut, layer: layer)).insertingAxis(at: 2)) }
    }
    return Tensor.concatenated(parts, axis: 2)
  }

  /// The gradient at every reader's input, `[batch, position, reader, dModel]`.
  fileprivate func byReader(_ c: TransformerConfiguration, _ last: HookPoint) -> Tensor {
    var parts: [Tensor] = []
    for layer in 0..<c.nLayers {
      parts += [ActivationName.qInput, .kInput, .vInput].map { gradients[HookPoint($0, layer: layer)] }
      if !c.isAttentionOnly { parts.append(gradients[HookPoint(.mlpIn, layer: layer)].insertingAxis(at: 2)) }
    }
    return Tensor.concatenated(parts + [gradients[last].insertingAxis(at: 2)], axis: 2)
  }
}
