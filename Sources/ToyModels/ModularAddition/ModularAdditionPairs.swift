// The data: all p² pairs of numbers modulo p, split at random into those trained on and those held out
// (Nanda et al. 2023, section 3).

import Tensors

/// Pairs of numbers modulo a prime, ordered by the first.
public struct ModularAdditionPairs: Sendable, Equatable {
  /// The prime p.
  public let prime: Int
  /// The first numbers.
  public let a: [Int]
  /// The second numbers.
  public let b: [Int]

  /// The number of pairs.
  public var count: Int { a.count }

  /// The sum of one pair modulo p: what the model should say.
  public func sum(_ index: Int) -> Int { (a[index] + b[index]) % prime }

  /// Creates pairs, each given as a·p + b, in any order.
  public init(prime: Int, codes: some Sequence<Int>) {
    let sorted = codes.sorted()
    precondition((sorted.first ?? 0) >= 0 && (sorted.last ?? 0) < prime * prime, "a pair is outside 0 ..< p²")
    self.prime = prime
    a = sorted.map { $0 / prime }
    b = sorted.map { $0 % prime }
  }

  /// All pairs.
  public static func all(prime: Int) -> ModularAdditionPairs {
    ModularAdditionPairs(prime: prime, codes: 0..<prime * prime)
  }

  /// Splits all pairs at random: the given share, rounded down, is trained on.
  public static func split(
    prime: Int, trainingShare: Double, using random: RandomStream
  ) -> (training: ModularAdditionPairs, heldOut: ModularAdditionPairs) {
    precondition(trainingShare > 0 && trainingShare < 1, "a share of \(trainingShare) leaves nothing on one side")
    var random = random
    let order = random.permutation(prime * prime)
    let count = Int(trainingShare * Double(prime * prime))
    return (
      ModularAdditionPairs(prime: prime, codes: order[..<count]),
      ModularAdditionPairs(prime: prime, codes: order[count...])
    )
  }
}
