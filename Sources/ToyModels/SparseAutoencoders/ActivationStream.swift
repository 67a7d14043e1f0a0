// Batches from more activations than fit in memory, in random order: a source gives them in chunks, a buffer of bounded
// size mixes them.
//
// The buffer is filled, batches are drawn from it without replacement, and when half of it is gone it is filled again.
// Each activation comes out exactly once; those of one chunk come out mixed with as many others as the buffer holds.

import Tensors

/// Where activations come from, chunk by chunk: a model that runs on more and more text, a generator, files.
public protocol ActivationSource: Sendable {
  /// What can go wrong.
  associatedtype Failure: Error

  /// The next activations `[any, inputs]`, in chunks of any size; nil at the end.
  mutating func nextActivations() throws(Failure) -> Tensor?
}

/// Chunks that a closure makes, by their number.
public struct GeneratedActivations<Failure: Error>: ActivationSource {
  private let chunks: Int
  private var next = 0
  private let make: @Sendable (Int) throws(Failure) -> Tensor

  /// Creates a source of a number of chunks `[any, inputs]`.
  public init(chunks: Int, _ make: @escaping @Sendable (Int) throws(Failure) -> Tensor) {
    self.chunks = chunks
    self.make = make
  }

  /// The next chunk.
  public mutating func nextActivations() throws(Failure) -> Tensor? {
    guard next < chunks else { return nil }
    defer { next += 1 }
    return try make(next)
  }
}

/// Batches in random order from a source of any length, in bounded memory.
public struct ActivationStream<Source: ActivationSource>: Sendable {
  /// The activations that the buffer holds at most.
  public let capacity: Int
  /// The activations of a batch; the last one may have fewer.
  public let batchSize: Int
  /// The activations in the buffer now.
  public private(set) var buffered = 0

  private let inputs: Int
  private var source: Source
  private var buffer: Tensor
  /// What of the last chunk did not fit, and where that begins.
  private var chunk: Tensor?
  private var taken = 0
  private var random: RandomStream

  /// Creates a stream; its order is that of the random stream.
  public init(
    from source: Source, inputs: Int, capacity: Int, batchSize: Int, using random: RandomStream
  ) {
    precondition(inputs > 0 && batchSize > 0, "batches of \(batchSize) activations of \(inputs) inputs")
    precondition(capacity >= 2 * batchSize, "a buffer of \(capacity) activations mixes no batches of \(batchSize)")
    self.source = source
    self.inputs = inputs
    self.capacity = capacity
    self.batchSize = batchSize
    self.random = random.derived("buffer")
    buffer = Tensor(zeros: [capacity, inputs])
  }

  /// The next batch `[batch, inputs]`; nil when the source has ended and all that it gave has come out.
  public mutating func nextBatch() throws(Source.Failure) -> Tensor? {
    if buffered <= capacity / 2 { try fill() }
    let count = min(batchSize, buffered)
    guard count > 0 else { return nil }
    var batch = Tensor(uninitialized: [count, inputs])
    let (width, random, buffered) = (inputs, self.random, self.buffered)
    (self.random, self.buffered) = buffer.withUnsafeMutableElements { rows in
      batch.withUnsafeMutableElements { batch in
        guard let rows = rows.baseAddress, let batch = batch.baseAddress else { return (random, 0) }
        var (random, left) = (random, buffered)
        for row in 0..<count {
          // The last activation takes the place of the one that goes.
          let index = random.integer(below: left)
          left -= 1
          (batch + row * width).update(from: rows + index * width, count: width)
          if index < left { (rows + index * width).update(from: rows + left * width, count: width) }
        }
        return (random, left)
      }
    }
    return batch
  }

  /// Takes activations from the source until the buffer is full or there are no more.
  private mutating func fill() throws(Source.Failure) {
    while buffered < capacity {
      if chunk == nil {
        guard let next = try source.nextActivations() else { return }
        precondition(
          next.rank == 2 && next.shape[1] == inputs, "a chunk of shape \(next.shape) where activations have \(inputs)")
        (chunk, taken) = (next, 0)
      }
      guard let chunk else { return }
      let (start, count) = (taken, min(capacity - buffered, chunk.shape[0] - taken))
      let (width, target) = (inputs, buffered)
      buffer.withUnsafeMutableElements { rows in
        chunk.withUnsafeElements { chunk in
          guard let rows = rows.baseAddress, let chunk = chunk.baseAddress else { return }
          (rows + target * width).update(from: chunk + start * width, count: count * width)
        }
      }
      buffered += count
      taken += count
      if taken == chunk.shape[0] { self.chunk = nil }
    }
  }
}
