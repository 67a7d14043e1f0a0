// The instruction sets for which C loops beside the door to OpenBLAS are compiled.
//
// They are those that OpenBLAS picks its kernels by, and follow its choice: where it is pinned to a kernel, so are they.

/// An instruction set wider than the plain x86-64 that the package is built for.
enum VectorInstructions: String, Sendable {
  case avx2, avx512

  /// Those of this processor, the widest first.
  static let available: [VectorInstructions] =
    switch BLAS.coreName.lowercased() {
    case "skylakex", "cooperlake", "sapphirerapids": [.avx512, .avx2]
    case "haswell", "zen": [.avx2]
    default: []
    }

  /// The widest; nil where there is none.
  static let chosen = available.first
}
