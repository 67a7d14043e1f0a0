// What attention remembers of the tokens it has read: their keys and values, so that a new token costs one row and not
// the whole text again.
//
// Keys are kept after their rotation, in buffers with room for the whole text; a run appends and reads them in place.

import Tensors

/// The keys and values of the tokens that a transformer has read so far.
///
/// A value: a copy made after a prompt can be continued in many ways. Padding is allowed on the left of the first tokens.
///
///     var cache = KeyValueCache(for: model.configuration)
///     var logits = model(prompt, cache: &cache)
///     logits = model([next], cache: &cache)
public struct KeyValueCache: Sendable {
  /// The number of rows.
  public let batch: Int
  /// The number of positions there is room for.
  public let capacity: Int
  /// The number of positions that are held, padding included.
  public private(set) var count = 0

  /// The keys of each layer after rotation, `[batch, capacity, keyValueHead, dHead]`.
  private var keys: [Tensor]
  /// The values of each layer, in the same shape.
  private var values: [Tensor]
  /// The keys of each layer's last position before they were smeared, `[batch, 1, keyValueHead, dHead]`; nil where keys
  /// are not smeared or none is held.
  private var lastKeys: [Tensor?]
  /// What they will be once the tokens that are read now are held.
  private var newLastKeys: [Tensor?]
  /// The number of positions at the beginning of each row that are padding.
  private var padding: [Int]
  /// The place in its sequence of each row's next token.
  private var next: [Int]

  /// Creates an empty cache with room for so many positions; the model's whole context unless given.
  public init(for configuration: TransformerConfiguration, batch: Int = 1, capacity: Int? = nil) {
    precondition(configuration.direction == .causal, "only causal attention can go on from a cache")
    let capacity = capacity ?? configuration.nContext
    precondition(batch >= 0 && capacity >= 0, "a cache of \(batch) rows and \(capacity) positions")
    self.batch = batch
    self.capacity = capacity
    let shape = [batch, capacity, configuration.nKeyValueHeads, configuration.dHead]
    keys = (0..<configuration.nLayers).map { _ in Tensor(uninitialized: shape) }
    values = (0..<configuration.nLayers).map { _ in Tensor(uninitialized: shape) }
    lastKeys = Array(repeating: nil, count: configuration.nLayers)
    newLastKeys = lastKeys
    padding = Array(repeating: 0, count: batch)
    next = padding
  }

  /// A cache without memory, to stand in the place of one that is in use.
  private init() {
    (batch, capacity, keys, values, padding, next) = (0, 0, [], [], [], [])
    (lastKeys, newLastKeys) = ([], [])
  }

  /// The keys that a layer holds, after rotation, `[batch, position, keyValueHead, dHead]`.
  public func keys(layer: Int) -> Tensor { keys[layer].slice(axis: 1, 0..<count) }

  /// The values that a layer holds, `[batch, position, keyValueHead, dHead]`.
  public func values(layer: Int) -> Tensor { values[layer].slice(axis: 1, 0..<count) }

  // MARK: - One run

  /// Moves the buffers out, so that whoever has them writes in place.
  mutating func take() -> KeyValueCache {
    let taken = self
    self = KeyValueCache()
    return taken
  }

  /// The place in its sequence of each token that is read next, row after row.
  func positions(of tokens: TokenBatch) -> [Int] {
    tokens.positionIDs ?? next.flatMap { first in (0..<tokens.positions).map { first + $0 } }
  }

  /// Whether each position is a token rather than padding once some more are read, `[batch, position]`; nil when all are.
  func mask(with tokens: TokenBatch) -> [Bool]? {
    requireFit(tokens)
    let padding = paddingCounts(with: tokens)
    guard padding.contains(where: { $0 > 0 }) else { return nil }
    return padding.flatMap { padding in (0..<count + tokens.positions).map { $0 >= padding } }
  }

  private func requireFit(_ tokens: TokenBatch) {
    precondition(tokens.batch == batch, "a cache of \(batch) rows cannot go on with \(tokens.batch)")
    precondition(
      count + tokens.positions <= capacity,
      "a cache with room for \(capacity) positions holds \(count) and cannot take \(tokens.positions) more")
  }

  /// The padding at the beginning of each row once some more tokens are read.
  private func paddingCounts(with tokens: TokenBatch) -> [Int] {
    guard let mask = tokens.mask else { return padding }
    return (0..<batch).map { row in
      let rowMask = mask[row * tokens.positions..<(row + 1) * tokens.positions]
      let leading = rowMask.firstIndex(of: true).map { $0 - rowMask.startIndex } ?? rowMask.count
      precondition(
        !rowMask.dropFirst(leading).contains(false) && (leading == 0 || padding[row] == count),
        "a cache takes padding before a row's tokens only: pad on the left")
      return padding[row] + leading
    }
  }

  /// Writes the keys and values of new tokens behind those that are held, `[batch, position, keyValueHead, dHead]`.
  ///
  /// Returns the buffers, `[batch, capacity, keyValueHead, dHead]`, and how many of their positions are filled. The new
  /// ones are held once every layer has written its own and `advance` is called.
  mutating func write(
    layer: Int, keys newKeys: Tensor, values newValues: Tensor
  ) -> (keys: Tensor, values: Tensor, filled: Int) {
    copyRows(newKeys, into: &keys[layer], behind: count)
    copyRows(newValues, into: &values[layer], behind: count)
    return (keys[layer], values[layer], count + newKeys.shape[1])
  }

  /// The keys of the last position that is held, before they were smeared, `[batch, 1, keyValueHead, dHead]`; notes
  /// those of the new tokens for the run after this one.
  mutating func exchangeLastKeys(layer: Int, for new: Tensor) -> Tensor? {
    newLastKeys[layer] = new.slice(axis: 1, new.shape[1] - 1..<new.shape[1])
    return lastKeys[layer]
  }

  /// Counts the tokens that every layer has written.
  mutating func advance(over tokens: TokenBatch) {
    if tokens.positions > 0 { lastKeys = newLastKeys }
    padding = paddingCounts(with: tokens)
    if tokens.positions > 0 {
      let positions = positions(of: tokens)
      next = (0..<batch).map { row in
        let last = (row + 1) * tokens.positions - 1
        // The place of padding means nothing: the row's first token is still to come.
        let isPadding = tokens.positionIDs != nil && tokens.mask.map { !$0[last] } ?? false
        return isPadding ? 0 : positions[last] + 1
      }
    }
    count += tokens.positions
  }
}

/// Writes `[batch, new, ...]` into `[batch, capacity, ...]` behind so many positions.
///
/// A function of its own: a method would hold a second reference to the buffers, and the write would copy them.
private func copyRows(_ new: Tensor, into buffer: inout Tensor, behind held: Int) {
  let (batch, capacity, width) = (buffer.shape[0], buffer.shape[1], buffer.shape[2] * buffer.shape[3])
  let rowCount = new.shape[1] * width
  buffer.withUnsafeMutableElements { buffer in
    new.withUnsafeElements { new in
      guard let buffer = buffer.baseAddress, let new = new.baseAddress else { return }
      for row in 0..<batch {
        (buffer + (row * capacity + held) * width).update(from: new + row * rowCount, count: rowCount)
      }
    }
  }
}
