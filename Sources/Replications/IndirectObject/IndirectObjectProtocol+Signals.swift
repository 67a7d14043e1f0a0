// What some heads tell the rest of a model: their outputs are taken from sentences that carry other signals (Wang et al.
// 2022, appendix A). Everything downstream is recomputed.

import Tensors
import Transformer

/// The mean logit difference when heads carry the signals of each of the six counterfactual data sets.
public struct SignalTable: Sendable {
  /// The mean logit difference under each pair of signals.
  public let cells: [Cell]

  /// One data set and what it does.
  public struct Cell: Sendable {
    /// Which name the data set has twice.
    public let token: TokenSignal
    /// Where it has it.
    public let position: PositionSignal
    /// The logit differences of the original sentences under its signals.
    public let logitDifference: Estimate
  }

  /// The mean logit difference under one pair of signals.
  public subscript(_ token: TokenSignal, _ position: PositionSignal) -> Double {
    cells.first { $0.token == token && $0.position == position }?.logitDifference.mean ?? .nan
  }

  /// How much the position signal, ±1, adds to the logit difference, in least squares without an intercept.
  public var positionEffect: Double { effect { $0.position.value } }

  /// How much the token signal, 1, 0 or −1, adds to the logit difference.
  public var tokenEffect: Double { effect { $0.token.value } }

  /// The mean distance of the cells from the fit, as a part of the original logit difference.
  public var fitError: Double {
    let (position, token) = (positionEffect, tokenEffect)
    let gaps = cells.map {
      ($0.logitDifference.mean - position * $0.position.value - token * $0.token.value).magnitude
    }
    return gaps.reduce(0, +) / Double(gaps.count) / self[.original, .original].magnitude
  }

  /// The two signals are orthogonal over the six cells, so that each has its own quotient.
  private func effect(_ signal: (Cell) -> Double) -> Double {
    cells.reduce(0) { $0 + signal($1) * $1.logitDifference.mean } / cells.reduce(0) { $0 + signal($1) * signal($1) }
  }
}

extension IndirectObjectProtocol {
  /// What the model answers when some heads write at a role's position what they write there in other sentences.
  ///
  /// `donors` are one sentence for each original one; the role may be at another position there.
  public func behaviour(
    patching heads: [Writer], at role: IndirectObjectRole = .end, from donors: IndirectObjectPrompts
  ) throws -> IndirectObjectBehaviour {
    let layers = heads.byLayer
    let others = chunks(of: donors)
    return try behaviour { chunk in
      guard let other = others.first(where: { $0.range == chunk.range }), let last = layers.last else {
        throw IndirectObjectError.notAligned("\(donors.count) sentences cannot give \(heads) to \(prompts.count)")
      }
      let cache = try model.runWithCache(
        other.tokens, names: .each(.z, layers: layers.map(\.layer)), stopAtLayer: last.layer + 1
      ).cache
      let (from, to) = (other.positions(of: role), chunk.positions(of: role))
      return layers.map { layer, heads in
        let donor = cache[.z, layer: layer]
        return Hook(HookFilter([HookPoint(.z, layer: layer)])) { z, _ in
          copyHeads(heads, from: donor, at: from, to: &z, at: to)
        }
      }
    }
  }

  /// The six data sets' signals in the outputs of some heads at END: those of S-inhibition in the paper.
  public func signalTable(of heads: [Writer], random: RandomStream) throws -> SignalTable {
    var cells: [SignalTable.Cell] = []
    for position in PositionSignal.allCases {
      for token in TokenSignal.allCases {
        let donors = try prompts.counterfactual(
          token: token, position: position, random: random.derived("\(token.rawValue) \(position.rawValue)"))
        let behaviour = try behaviour(patching: heads, from: donors)
        cells.append(SignalTable.Cell(token: token, position: position, logitDifference: behaviour.logitDifference))
      }
    }
    return SignalTable(cells: cells)
  }
}

/// Copies some heads of `[row, position, head, dHead]` from one position of each row to one of another tensor.
private func copyHeads(_ heads: [Int], from donor: Tensor, at from: [Int], to target: inout Tensor, at to: [Int]) {
  let (count, width) = (donor.shape[2], donor.shape[3])
  let (donorLength, targetLength) = (donor.shape[1], target.shape[1])
  donor.withUnsafeElements { donor in
    target.withUnsafeMutableElements { target in
      for row in to.indices {
        for head in heads {
          let source = ((row * donorLength + from[row]) * count + head) * width
          let place = ((row * targetLength + to[row]) * count + head) * width
          for element in 0..<width { target[place + element] = donor[source + element] }
        }
      }
    }
  }
}
