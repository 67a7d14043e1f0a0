// Which part of an activation an intervention concerns: some heads, some positions, some elements.
//
// Every activation begins with the axis of examples. What follows is [position, …] for most, [head, query, key] for
// scores and patterns; a region names the parts by meaning, so that the two need not be told apart.

import Tensors

/// Some positions of each example.
public enum PositionChoice: Sendable, Hashable {
  /// Every position.
  case all
  /// The last column.
  case last
  /// The same positions of every example.
  case only([Int])
  /// Some positions of each example, a list for each.
  case each([[Int]])

  /// One position of each example.
  public static func one(ofEach positions: [Int]) -> PositionChoice { .each(positions.map { [$0] }) }

  /// The positions of one example among `count`.
  func list(example: Int, count: Int) -> [Int] {
    switch self {
    case .all: Array(0..<count)
    case .last: [count - 1]
    case .only(let positions): positions
    case .each(let lists): lists[example]
    }
  }

  /// Whether examples have lists of their own.
  var differsByExample: Bool { if case .each = self { true } else { false } }

  /// The other positions.
  func complement(examples: Int, count: Int) -> PositionChoice {
    if self == .all { return .only([]) }
    return .each(
      (0..<examples).map { example in
        let chosen = Set(list(example: example, count: count))
        return (0..<count).filter { !chosen.contains($0) }
      })
  }
}

/// A part of an activation, the same in every example but for its positions.
public struct ActivationRegion: Sendable, Hashable {
  /// The heads; nil for all, and where there is no axis of heads.
  public var heads: [Int]?
  /// The positions; those of the queries in scores and patterns.
  public var positions: PositionChoice
  /// The positions of the keys in scores and patterns; nil for all.
  public var sources: [Int]?
  /// The elements of the last axis (neurons, coordinates); nil for all. Not for scores and patterns.
  public var elements: [Int]?

  /// Creates a region; whatever is not given is whole.
  public init(
    heads: [Int]? = nil, positions: PositionChoice = .all, sources: [Int]? = nil, elements: [Int]? = nil
  ) {
    self.heads = heads
    self.positions = positions
    self.sources = sources
    self.elements = elements
  }

  /// The whole activation.
  public static var whole: ActivationRegion { ActivationRegion() }

  /// Whether it leaves nothing out.
  var isWhole: Bool { self == .whole }

  /// The contiguous stretches of one example that belong to the region, as offsets from the example's first element.
  ///
  /// `shape` is that of the activation with its axis of examples.
  func stretches(of activation: ActivationName, shape: [Int], example: Int) -> [Range<Int>] {
    let extents = Array(shape.dropFirst())
    var lists: [[Int]?] = Array(repeating: nil, count: extents.count)
    let isBetween = activation.isBetweenPositions
    let headAxis = isBetween ? 0 : (extents.count == 3 ? 1 : nil)
    if let heads {
      guard let headAxis else { preconditionFailure("\(activation.rawValue) has no heads to choose from") }
      lists[headAxis] = heads
    }
    let positionAxis = isBetween ? 1 : 0
    if positions != .all { lists[positionAxis] = positions.list(example: example, count: extents[positionAxis]) }
    if let sources {
      precondition(isBetween, "\(activation.rawValue) has no keys to choose from")
      lists[2] = sources
    }
    if let elements {
      precondition(!isBetween, "the keys of \(activation.rawValue) are chosen as sources")
      lists[extents.count - 1] = elements
    }
    for (list, extent) in zip(lists, extents) {
      for index in list ?? [] {
        precondition(index >= 0 && index < extent, "\(index) is outside \(activation.rawValue) of shape \(shape)")
      }
    }
    // Whole axes at the end make one stretch.
    var (run, last) = (1, extents.count)
    while last > 0, lists[last - 1] == nil {
      last -= 1
      run *= extents[last]
    }
    var starts = [0]
    for axis in 0..<last {
      starts = starts.flatMap { start in
        (lists[axis] ?? Array(0..<extents[axis])).map { start * extents[axis] + $0 }
      }
    }
    return starts.map { $0 * run..<($0 + 1) * run }
  }

  /// Copies the region of some examples of a donor over that of as many rows of a target, from row `first` on.
  ///
  /// `target` has the donor's shape but for the number of rows.
  func copy(
    of activation: ActivationName, from donor: Tensor, examples: Range<Int>, into target: inout Tensor, at first: Int
  ) {
    let size = Tensor.count(of: Array(donor.shape.dropFirst()))
    let shape = donor.shape
    let shared = positions.differsByExample ? nil : stretches(of: activation, shape: shape, example: 0)
    donor.withUnsafeElements { donor in
      target.withUnsafeMutableElements { target in
        guard let from = donor.baseAddress, let to = target.baseAddress else { return }
        for (row, example) in examples.enumerated() {
          let runs = shared ?? stretches(of: activation, shape: shape, example: example)
          for run in runs {
            (to + (first + row) * size + run.lowerBound).update(
              from: from + example * size + run.lowerBound, count: run.count)
          }
        }
      }
    }
  }

  /// One where an activation of this shape belongs to the region, zero elsewhere.
  func mask(of activation: ActivationName, shape: [Int]) -> Tensor {
    var mask = Tensor(zeros: shape)
    copy(of: activation, from: Tensor(ones: shape), examples: 0..<shape[0], into: &mask, at: 0)
    return mask
  }
}
