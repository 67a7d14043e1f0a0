// The OpenBLAS library as this project uses it: one thread, set once, in code.
//
// With several BLAS threads the bits of a product depend on their number, and small products get slower; parallelism
// here is across seeds, experiments and rows. Every wrapper touches `BLAS.ready` before its first call.

import COpenBLAS

/// The linear-algebra library underneath, and how it was set up.
public enum BLAS {
  /// Limits the library to one thread; evaluated once, before the first product.
  @usableFromInline
  static let ready: Void = openblas_set_num_threads(1)

  /// The kernel that the library picked for this processor, for instance `SkylakeX`.
  public static var coreName: String {
    _ = ready
    return openblas_get_corename().map { String(cString: $0) } ?? "unknown"
  }

  /// The library's own description of its version and build.
  public static var configuration: String {
    _ = ready
    return openblas_get_config().map { String(cString: $0) } ?? "unknown"
  }

  /// The library's version number, for instance `0.3.21`.
  public static var version: String {
    let words = configuration.split(separator: " ")
    return words.count > 1 ? String(words[1]) : "unknown"
  }

  /// The number of threads that a product uses.
  public static var threads: Int {
    _ = ready
    return Int(openblas_get_num_threads())
  }
}
