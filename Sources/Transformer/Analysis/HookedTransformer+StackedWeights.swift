// The weights in TransformerLens's shapes: one matrix for each head, stacked over layers and heads.
//
// Where several query heads share a key and value head, each of them has a copy of its weights here, so that the axes of
// all stacks are [layer, head].

import Tensors

// MARK: - One head

extension HookedTransformer {
  /// The query weights of one head, `[dModel, dHead]`.
  public func W_Q(layer: Int, head: Int) -> Tensor { columns(of: attention(layer).W_Q, head) }
  /// The key weights that one query head reads with, `[dModel, dHead]`.
  public func W_K(layer: Int, head: Int) -> Tensor { columns(of: attention(layer).W_K, keyValueHead(of: head)) }
  /// The value weights of one query head, `[dModel, dHead]`.
  public func W_V(layer: Int, head: Int) -> Tensor { columns(of: attention(layer).W_V, keyValueHead(of: head)) }
  /// The output weights of one head, `[dHead, dModel]`.
  public func W_O(layer: Int, head: Int) -> Tensor {
    let head = checked(head)
    return attention(layer).W_O.slice(axis: 0, head * configuration.dHead..<(head + 1) * configuration.dHead)
  }

  /// What a head compares query and key positions of the residual stream with: W_Q·W_Kᵀ, `[dModel, dModel]`.
  ///
  /// Biases, rotations, the scale of scores and weights of normalisations that are not folded are not in it.
  public func QK(layer: Int, head: Int) -> FactoredMatrix {
    FactoredMatrix(W_Q(layer: layer, head: head), W_K(layer: layer, head: head).transposed())
  }

  /// What a head moves from the position it attends to: W_V·W_O, `[dModel, dModel]`.
  public func OV(layer: Int, head: Int) -> FactoredMatrix {
    FactoredMatrix(W_V(layer: layer, head: head), W_O(layer: layer, head: head))
  }

  /// The key and value head that a query head reads.
  public func keyValueHead(of head: Int) -> Int {
    checked(head) / (configuration.nHeads / configuration.nKeyValueHeads)
  }

  private func attention(_ layer: Int) -> AttentionWeights {
    precondition(blocks.indices.contains(layer), "layer \(layer) of a model of \(blocks.count)")
    return blocks[layer].attn
  }

  private func checked(_ head: Int) -> Int {
    precondition((0..<configuration.nHeads).contains(head), "head \(head) of \(configuration.nHeads)")
    return head
  }

  private func columns(of weights: Tensor, _ head: Int) -> Tensor {
    weights.slice(axis: 1, checked(head) * configuration.dHead..<(head + 1) * configuration.dHead)
  }
}

// MARK: - All heads

extension HookedTransformer {
  /// The query weights, `[layer, head, dModel, dHead]`.
  public var W_Q: Tensor { eachHead { W_Q(layer: $0, head: $1) } }
  /// The key weights, `[layer, head, dModel, dHead]`.
  public var W_K: Tensor { eachHead { W_K(layer: $0, head: $1) } }
  /// The value weights, `[layer, head, dModel, dHead]`.
  public var W_V: Tensor { eachHead { W_V(layer: $0, head: $1) } }
  /// The output weights, `[layer, head, dHead, dModel]`.
  public var W_O: Tensor { eachHead { W_O(layer: $0, head: $1) } }
  /// The query biases, `[layer, head, dHead]`; zeros where a model has none.
  public var b_Q: Tensor { headBiases(\.b_Q, heads: configuration.nHeads) }
  /// The key biases, `[layer, head, dHead]`; zeros where a model has none.
  public var b_K: Tensor { headBiases(\.b_K, heads: configuration.nKeyValueHeads) }
  /// The value biases, `[layer, head, dHead]`; zeros where a model has none.
  public var b_V: Tensor { headBiases(\.b_V, heads: configuration.nKeyValueHeads) }
  /// What attention adds whatever it reads, `[layer, dModel]`; zeros where a model has none.
  public var b_O: Tensor { eachBlock { $0.attn.b_O ?? Tensor(zeros: [configuration.dModel]) } }

  /// W_Q·W_Kᵀ of every head, `[layer, head, dModel, dModel]`.
  public var QK: FactoredMatrix { FactoredMatrix(W_Q, W_K.transposed()) }
  /// W_V·W_O of every head, `[layer, head, dModel, dModel]`.
  public var OV: FactoredMatrix { FactoredMatrix(W_V, W_O) }

  /// The names of all heads in the order of the stacks: `L0H0`, `L0H1`, ….
  public var headLabels: [String] {
    (0..<configuration.nLayers).flatMap { layer in (0..<configuration.nHeads).map { "L\(layer)H\($0)" } }
  }

  private func eachHead(_ weights: (_ layer: Int, _ head: Int) -> Tensor) -> Tensor {
    precondition(configuration.nLayers > 0, "a model without layers has no heads")
    return Tensor.stacked(
      (0..<configuration.nLayers).map { layer in
        Tensor.stacked((0..<configuration.nHeads).map { weights(layer, $0) })
      })
  }

  private func headBiases(_ bias: KeyPath<AttentionWeights, Tensor?>, heads: Int) -> Tensor {
    let c = configuration
    let shared = (0..<c.nHeads).map { $0 / (c.nHeads / heads) }
    return eachBlock { block in
      (block.attn[keyPath: bias] ?? Tensor(zeros: [heads * c.dHead])).reshaped([heads, c.dHead]).gathered(at: shared)
    }
  }
}

// MARK: - MLPs

extension HookedTransformer {
  /// What neurons read, `[layer, dModel, dMLP]`; the model must have MLPs.
  public var W_in: Tensor { eachMLP { $0.W_in } }
  /// What the gates of neurons read, `[layer, dModel, dMLP]`; nil where there are none.
  public var W_gate: Tensor? {
    configuration.isGated ? eachMLP { $0.W_gate ?? Tensor(zeros: $0.W_in.shape) } : nil
  }
  /// What neurons write, `[layer, dMLP, dModel]`; the model must have MLPs.
  public var W_out: Tensor { eachMLP { $0.W_out } }
  /// The neurons' biases, `[layer, dMLP]`; zeros where a model has none.
  public var b_in: Tensor { eachMLP { $0.b_in ?? Tensor(zeros: [configuration.dMLP]) } }
  /// What MLPs add whatever they read, `[layer, dModel]`; zeros where a model has none.
  public var b_out: Tensor { eachMLP { $0.b_out ?? Tensor(zeros: [configuration.dModel]) } }

  private func eachMLP(_ weights: (MLPWeights) -> Tensor) -> Tensor {
    eachBlock { block in
      guard let mlp = block.mlp else { preconditionFailure("an attention-only model has no MLP weights") }
      return weights(mlp)
    }
  }

  private func eachBlock(_ weights: (BlockWeights) -> Tensor) -> Tensor {
    precondition(!blocks.isEmpty, "a model without layers has no weights to stack")
    return Tensor.stacked(blocks.map(weights))
  }
}
