// Complex eigenvalues, and how much of them points in the positive direction.

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The eigenvalues of a real matrix, or of each of a batch.
public struct Eigenvalues: Sendable {
  /// The real parts, `[…, r]`.
  public let real: Tensor
  /// The imaginary parts, `[…, r]`; of a complex pair the positive one comes first.
  public let imaginary: Tensor

  /// The absolute values, `[…, r]`.
  public var magnitudes: Tensor {
    let shape = real.shape
    return Tensor(zip(real.elements, imaginary.elements).map { hypotf($0, $1) }, shape)
  }

  /// The sum for each matrix, `[…]`, which is its trace; imaginary parts cancel.
  public var sum: Tensor { real.sum(axis: real.rank - 1) }

  /// Σλ / Σ|λ| for each matrix, `[…]`: 1 where all are positive, −1 where all are negative, 0 where there are none.
  ///
  /// The summary of Elhage et al. 2021, *Detecting Copying*; a random matrix has about 0.
  public var positivity: Tensor {
    let sizes = magnitudes.sum(axis: real.rank - 1)
    return sum / sizes.map { $0 == 0 ? 1 : $0 }
  }

  /// The eigenvalues of one matrix by falling magnitude, the greater real part and then the positive imaginary part
  /// first among equals.
  static func sorted(_ parts: Eigendecomposition) -> Eigenvalues {
    let values = zip(parts.realValues.elements, parts.imaginaryValues.elements)
      .map { (real: $0, imaginary: $1, magnitude: hypotf($0, $1)) }
      .sorted { ($0.magnitude, $0.real, $0.imaginary) > ($1.magnitude, $1.real, $1.imaginary) }
    return Eigenvalues(
      real: Tensor(values.map(\.real), [values.count]), imaginary: Tensor(values.map(\.imaginary), [values.count]))
  }
}
