// What a transformer reads: a rectangle of tokens, with padding where rows are shorter.

import Tensors

/// A batch of token sequences, `[batch, position]`.
public struct TokenBatch: Sendable, Equatable, ExpressibleByArrayLiteral {
  /// The tokens, row after row.
  public let tokens: [Int]
  /// The number of rows.
  public let batch: Int
  /// The number of tokens in each row.
  public let positions: Int
  /// Whether each token is one, rather than padding; nil when all are.
  public var mask: [Bool]? {
    didSet {
      precondition(
        mask.map { $0.count == tokens.count } ?? true, "a mask of \(mask?.count ?? 0) for \(tokens.count) tokens")
    }
  }
  /// The place of each token in its sequence; nil when they count from 0 in each row.
  public var positionIDs: [Int]? {
    didSet {
      precondition(
        positionIDs.map { $0.count == tokens.count } ?? true,
        "\(positionIDs?.count ?? 0) positions for \(tokens.count) tokens")
    }
  }

  /// Creates a batch of rows of equal length.
  public init(_ rows: [[Int]]) {
    let positions = rows.first?.count ?? 0
    for row in rows {
      precondition(row.count == positions, "rows of \(positions) and of \(row.count) tokens need padding")
    }
    self.init(tokens: rows.flatMap(\.self), batch: rows.count, positions: positions)
  }

  /// Creates a batch of one row.
  public init(_ row: [Int]) { self.init(tokens: row, batch: 1, positions: row.count) }

  /// Creates a batch of one row.
  public init(arrayLiteral tokens: Int...) { self.init(tokens) }

  /// Creates a batch from its tokens, row after row.
  public init(tokens: [Int], batch: Int, positions: Int) {
    precondition(
      tokens.count == batch * positions, "\(tokens.count) tokens do not fill \(batch) rows of \(positions)")
    self.tokens = tokens
    self.batch = batch
    self.positions = positions
  }

  /// The side of a row that padding is added to.
  public enum PaddingSide: String, Sendable {
    /// Before the tokens, so that all rows end together.
    case left
    /// After the tokens, so that all rows begin together.
    case right
  }

  /// Creates a batch of rows of any length, padded to the longest.
  ///
  /// Padding is not attended to, and positions count from each row's first token.
  public init(_ rows: [[Int]], padding token: Int, on side: PaddingSide) {
    let positions = rows.map(\.count).max() ?? 0
    var (tokens, mask, places): ([Int], [Bool], [Int]) = ([], [], [])
    for row in rows {
      let padding = positions - row.count
      let (before, after) = side == .left ? (padding, 0) : (0, padding)
      tokens += Array(repeating: token, count: before) + row + Array(repeating: token, count: after)
      mask += Array(repeating: false, count: before) + row.map { _ in true } + Array(repeating: false, count: after)
      places += Array(repeating: 0, count: before) + Array(row.indices) + Array(repeating: 0, count: after)
    }
    self.init(tokens: tokens, batch: rows.count, positions: positions)
    if mask.contains(false) {
      self.mask = mask
      positionIDs = places
    }
  }

  /// The tokens of one row, padding included.
  public subscript(_ row: Int) -> [Int] { Array(tokens[row * positions..<(row + 1) * positions]) }

  /// The shape, `[batch, position]`.
  public var shape: [Int] { [batch, positions] }

  /// The same rows, each with one more token behind its last.
  ///
  /// Rows that are padded on the right have no place for it: pad on the left.
  public func appending(_ column: [Int]) -> TokenBatch {
    precondition(column.count == batch, "\(column.count) tokens for \(batch) rows")
    func widened<Element>(_ elements: [Element], _ last: (Int) -> Element) -> [Element] {
      (0..<batch).flatMap { row in elements[row * positions..<(row + 1) * positions] + [last(row)] }
    }
    precondition(!isPaddedOnRight, "a token cannot follow padding on the right")
    var result = TokenBatch(tokens: widened(tokens) { column[$0] }, batch: batch, positions: positions + 1)
    result.mask = mask.map { widened($0) { _ in true } }
    result.positionIDs = positionIDs.map { places in
      widened(places) { positions == 0 ? 0 : places[($0 + 1) * positions - 1] + 1 }
    }
    return result
  }

  /// The place of each token where every row counts from 0.
  var plainPositions: [Int] {
    let row = Array(0..<positions)
    var places: [Int] = []
    places.reserveCapacity(batch * positions)
    for _ in 0..<batch { places += row }
    return places
  }

  /// The same rows without their last position.
  func droppingLast() -> TokenBatch {
    func narrowed<Element>(_ elements: [Element]) -> [Element] {
      var result: [Element] = []
      result.reserveCapacity(batch * (positions - 1))
      for row in 0..<batch { result += elements[row * positions..<(row + 1) * positions - 1] }
      return result
    }
    var result = TokenBatch(tokens: narrowed(tokens), batch: batch, positions: positions - 1)
    result.mask = mask.map(narrowed)
    result.positionIDs = positionIDs.map(narrowed)
    return result
  }

  /// Whether a row ends in padding.
  var isPaddedOnRight: Bool {
    guard let mask, positions > 0 else { return false }
    return (0..<batch).contains { !mask[($0 + 1) * positions - 1] }
  }

  /// Some rows of the batch.
  public func rows(_ range: Range<Int>) -> TokenBatch {
    let elements = range.lowerBound * positions..<range.upperBound * positions
    var result = TokenBatch(tokens: Array(tokens[elements]), batch: range.count, positions: positions)
    result.mask = mask.map { Array($0[elements]) }
    result.positionIDs = positionIDs.map { Array($0[elements]) }
    return result
  }
}
