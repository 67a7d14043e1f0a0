// How the dimensions of the hidden layer are divided among directions, features' or training examples' (Henighan et al. 2023,
// after "Feature Dimensionality" in Elhage et al. 2022):
//
//   D_i = ‖v_i‖²/Σ_j(v̂_i·v_j)² = ‖v_i‖⁴/(v_iᵀ F v_i),   F = Σ_j v_j v_jᵀ
//
// By way of F, of hidden × hidden numbers, the sum over j is done once for all i, so that thousands of directions cost
// little.

/// The dimensionality of each of many directions.
public enum DirectionDimensionality {
  /// The dimensionality D_i of each direction, `[direction][dimension]`; 0 for one shorter than 1e-6.
  public static func of(_ directions: [[Double]]) -> [Double] {
    guard let m = directions.first?.count else { return [] }
    precondition(directions.allSatisfy { $0.count == m }, "all directions must have \(m) components")
    var frame = Array(repeating: 0.0, count: m * m)
    for v in directions {
      for row in 0..<m { for column in 0..<m { frame[row * m + column] += v[row] * v[column] } }
    }
    return directions.map { v in
      let square = v.reduce(0) { $0 + $1 * $1 }
      guard square > 1e-12 else { return 0 }
      var shared = 0.0
      for row in 0..<m { for column in 0..<m { shared += v[row] * frame[row * m + column] * v[column] } }
      return square * square / shared
    }
  }
}
