// Memory for tensors: 64-byte aligned blocks, kept for reuse when a tensor dies.
//
// A training step frees and asks for the same sizes again and again; the pool hands the same blocks back, so a warm loop
// asks nothing of the system allocator. Blocks are sorted by size class (powers of two with three steps between), and a
// class keeps at most a bounded number of bytes.

import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// One block of float memory, returned to the pool when its last tensor is gone.
@usableFromInline
final class Storage: @unchecked Sendable {
  // Unchecked: the block is written only through `Tensor`'s mutating members, which copy it unless they own it alone.
  @usableFromInline let elements: UnsafeMutableBufferPointer<Float>
  private let sizeClass: Int

  /// A block for `count` floats with undefined content.
  @usableFromInline
  init(count: Int) {
    let block = StoragePool.shared.take(count: count)
    elements = UnsafeMutableBufferPointer(start: block.pointer, count: count)
    sizeClass = block.sizeClass
  }

  deinit {
    if let pointer = elements.baseAddress { StoragePool.shared.give(pointer, sizeClass: sizeClass) }
  }
}

/// What the pool has done so far, for tests and benchmarks.
public struct StorageStatistics: Sendable, Equatable {
  /// Blocks obtained from the system allocator.
  public var allocations = 0
  /// Blocks handed out again without asking the system.
  public var reuses = 0
  /// Bytes that wait in the pool.
  public var pooledBytes = 0

  /// The counts of this process up to now.
  public static var current: StorageStatistics { StoragePool.shared.statistics }
}

/// The blocks that wait for their next tensor.
final class StoragePool: Sendable {
  static let shared = StoragePool()

  /// Bytes the pool keeps at most; what comes back beyond that goes to the system.
  private static let limit = 1 << 30

  private struct State: ~Copyable {
    var free: [[UnsafeMutableRawPointer]] = Array(repeating: [], count: 4 * 60)
    var statistics = StorageStatistics()
  }

  private let state = Mutex(State())

  var statistics: StorageStatistics { state.withLock { $0.statistics } }

  func take(count: Int) -> (pointer: UnsafeMutablePointer<Float>?, sizeClass: Int) {
    precondition(count >= 0, "a tensor cannot have \(count) elements")
    guard count > 0 else { return (nil, 0) }
    let sizeClass = Self.sizeClass(of: count * 4)
    // The block crosses the lock as an address: a raw pointer is not Sendable, and ownership passes with it.
    let reused: UInt = state.withLock { state in
      guard let block = state.free[sizeClass].popLast() else {
        state.statistics.allocations += 1
        return 0
      }
      state.statistics.reuses += 1
      state.statistics.pooledBytes -= Self.bytes(inClass: sizeClass)
      return UInt(bitPattern: block)
    }
    let bytes = Self.bytes(inClass: sizeClass)
    let block = UnsafeMutableRawPointer(bitPattern: reused) ?? Self.newBlock(bytes)
    return (block.bindMemory(to: Float.self, capacity: bytes / 4), sizeClass)
  }

  /// The size of a huge page.
  private static let hugePage = 1 << 21

  /// A block of the system's; a large one in huge pages where Linux has them, which it then reads a quarter faster.
  private static func newBlock(_ bytes: Int) -> UnsafeMutableRawPointer {
    #if os(Linux)
      if bytes >= hugePage {
        let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: hugePage)
        // Only advice: without it the block is as good, and slower.
        _ = madvise(block, bytes, MADV_HUGEPAGE)
        return block
      }
    #endif
    return UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
  }

  func give(_ pointer: UnsafeMutablePointer<Float>, sizeClass: Int) {
    let address = UInt(bitPattern: pointer)
    let kept = state.withLock { state in
      let bytes = Self.bytes(inClass: sizeClass)
      guard state.statistics.pooledBytes + bytes <= Self.limit, let block = UnsafeMutableRawPointer(bitPattern: address)
      else { return false }
      state.free[sizeClass].append(block)
      state.statistics.pooledBytes += bytes
      return true
    }
    if !kept { UnsafeMutableRawPointer(pointer).deallocate() }
  }

  /// The class of a size: four per doubling, so that at most a quarter of a block is unused.
  private static func sizeClass(of bytes: Int) -> Int {
    let size = max(bytes, 64)
    let exponent = Int.bitWidth - 1 - (size - 1).leadingZeroBitCount
    let quarter = ((size - 1) >> (exponent - 2)) & 3
    return 4 * exponent + quarter
  }

  private static func bytes(inClass sizeClass: Int) -> Int {
    let (exponent, quarter) = (sizeClass / 4, sizeClass % 4)
    return (1 << exponent) + (quarter + 1) << (exponent - 2)
  }
}
