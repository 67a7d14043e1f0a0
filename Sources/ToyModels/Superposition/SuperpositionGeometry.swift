// What Elhage et al. 2022 measure on a weight matrix, and the capacity of Scherlis et al. 2022, which is the same number.
//
//   D* = m/‖W‖²_F                      dimensions per feature     "Uniform Superposition"
//   D_i = ‖W_i‖²/Σ_j(Ŵ_i·W_j)²         feature dimensionality     "Feature Dimensionality"
//   Σ_{j≠i}(Ŵ_i·W_j)²                  superposition of feature i "Basic Results"
//   C_i = (W_i·W_i)²/Σ_j(W_i·W_j)²     capacity                   Scherlis et al. 2022
//
// Sums over j include i unless they say otherwise. ΣD_i ≤ rank W ≤ m by the Cauchy–Schwarz inequality, with equality
// when every W_i is an eigenvector of Σ_j W_jW_jᵀ: an invariant, true of random matrices too. Everything is computed in
// double precision from the Gram matrix.

import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The geometry of one model's feature directions.
public struct SuperpositionGeometry: Sendable {
  /// The number n of features.
  public let features: Int
  /// The number m of hidden dimensions.
  public let hidden: Int
  /// The feature directions W_i, `[feature][hidden]`.
  public let directions: [[Double]]
  /// The dot products W_i·W_j, `[feature][feature]`: the matrix WᵀW of the paper.
  public let gram: [[Double]]

  /// Reads the geometry of a weight matrix `[feature, hidden]`.
  public init(_ weights: Tensor) {
    precondition(weights.rank == 2, "a weight matrix is [feature, hidden], not \(weights.shape)")
    let (n, m) = (weights.shape[0], weights.shape[1])
    let elements = weights.elements
    let rows = (0..<n).map { i in (0..<m).map { Double(elements[i * m + $0]) } }
    self.init(directions: rows, hidden: m)
  }

  /// Reads the geometry of given directions, for instance an exact polytope's corners.
  public init(directions: [[Double]], hidden: Int) {
    precondition(
      directions.allSatisfy { $0.count == hidden }, "every direction must have \(hidden) components")
    features = directions.count
    self.hidden = hidden
    self.directions = directions
    gram = directions.map { left in directions.map { right in zip(left, right).reduce(0) { $0 + $1.0 * $1.1 } } }
  }

  /// The lengths ‖W_i‖.
  public var norms: [Double] { (0..<features).map { gram[$0][$0].squareRoot() } }

  /// The features that a model represents: those with ‖W_i‖ above a threshold.
  public func represented(above threshold: Double = 0.5) -> [Int] {
    norms.enumerated().filter { $0.element > threshold }.map(\.offset)
  }

  /// The dimensions per feature, D* = m/‖W‖²_F.
  public var dimensionsPerFeature: Double {
    Double(hidden) / (0..<features).reduce(0) { $0 + gram[$1][$1] }
  }

  /// The dimensionality D_i of each feature; 0 for a feature whose norm is below 1e-6, as in the notebook.
  public var dimensionalities: [Double] {
    (0..<features).map { i in
      let square = gram[i][i]
      guard square > 1e-12 else { return 0 }
      let shared = gram[i].reduce(0) { $0 + $1 * $1 } / square
      return square / shared
    }
  }

  /// The capacity C_i of each feature, by the formula of Scherlis et al.; 0 for a feature without weights.
  public var capacities: [Double] {
    (0..<features).map { i in
      let total = gram[i].reduce(0) { $0 + $1 * $1 }
      return total > 0 ? gram[i][i] * gram[i][i] / total : 0
    }
  }

  /// How much of each feature's direction others use: Σ_{j≠i}(Ŵ_i·W_j)².
  public var superposition: [Double] {
    (0..<features).map { i in
      let square = gram[i][i]
      guard square > 1e-12 else { return 0 }
      return (gram[i].reduce(0) { $0 + $1 * $1 } - square * square) / square
    }
  }

  /// The cosine of the angle between two features; 0 when either has no weights.
  public func cosine(_ i: Int, _ j: Int) -> Double {
    let scale = (gram[i][i] * gram[j][j]).squareRoot()
    return scale > 0 ? gram[i][j] / scale : 0
  }

  /// The gaps between neighbouring directions in the plane, in degrees, by increasing angle; they add up to 360.
  ///
  /// - Parameter chosen: The features to look at.
  public func gaps(between chosen: [Int]) -> [Double] {
    precondition(hidden == 2, "angles are measured in two dimensions, not \(hidden)")
    let angles = chosen.map { angle($0) }.sorted()
    return angles.indices.map { index in
      index + 1 < angles.count ? angles[index + 1] - angles[index] : angles[0] + 360 - angles[index]
    }
  }

  /// The direction of a feature in the plane, in degrees from −180 to 180.
  public func angle(_ feature: Int) -> Double {
    atan2(directions[feature][1], directions[feature][0]) * 180 / .pi
  }

  /// The sets of features that overlap, directly or through others: |cosine| above a threshold.
  ///
  /// Block structure in the sense of Scherlis et al. 2022; features not represented are left out.
  public func components(overlap: Double = 0.05) -> [[Int]] {
    var remaining = represented()
    var components: [[Int]] = []
    while let seed = remaining.first {
      var component = [seed]
      remaining.removeFirst()
      var next = 0
      while next < component.count {
        let joined = remaining.filter { abs(cosine(component[next], $0)) > overlap }
        component += joined
        remaining.removeAll { joined.contains($0) }
        next += 1
      }
      components.append(component.sorted())
    }
    return components
  }
}

extension SuperpositionModel {
  /// The geometry of one instance's encoder.
  public func geometry(_ instance: Int) -> SuperpositionGeometry {
    let (n, m) = (architecture.features, architecture.hidden)
    let rows = withParameters(instance) { Array(UnsafeBufferPointer(start: $0.encoder, count: n * m)) }
    return SuperpositionGeometry(Tensor(rows, [n, m]))
  }

  /// The bias of one instance.
  public func bias(_ instance: Int) -> [Double] {
    withParameters(instance) { parameters in (0..<architecture.features).map { Double(parameters.bias[$0]) } }
  }

  /// The decoder weights of one instance, `[feature][hidden]`; the encoder's in tied models.
  public func decoderDirections(_ instance: Int) -> [[Double]] {
    let (n, m) = (architecture.features, architecture.hidden)
    return withParameters(instance) { parameters in
      (0..<n).map { i in (0..<m).map { Double(parameters.decoder[i * m + $0]) } }
    }
  }
}
