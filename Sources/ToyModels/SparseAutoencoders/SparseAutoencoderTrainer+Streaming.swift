// Training on a stream of activations, which need not fit in memory (Bricken et al. 2023, 8 billion of them).

extension SparseAutoencoderTrainer {
  /// Takes a step on each batch of a stream, until it ends or as many steps are taken as asked for; returns their number.
  ///
  /// - Parameters:
  ///   - stream: The batches; those that are left can be trained on later.
  ///   - steps: The most steps to take; nil for as many as there are batches.
  ///   - check: Called before each step; what it throws, a cancellation for instance, ends training.
  /// - Throws: What the source of the stream or the check throws.
  @discardableResult
  public mutating func train<Source: ActivationSource>(
    on stream: inout ActivationStream<Source>, steps: Int? = nil, check: () throws -> Void = {}
  ) throws -> Int {
    var taken = 0
    while taken < steps ?? .max {
      try check()
      guard let batch = try stream.nextBatch() else { break }
      step(on: batch)
      taken += 1
    }
    return taken
  }
}
