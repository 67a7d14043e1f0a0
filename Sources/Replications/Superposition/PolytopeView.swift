// How a set of feature directions is seen as a polytope: which way up, and which corners an edge joins.

import Foundation
import Tensors  // preconditions that say their sentence
import ToyModels

/// Feature directions of length one as the corners of a convex polytope.
struct PolytopeView: Sendable {
  /// The corners in three dimensions, the axis of the polytope along the last; `[corner][3]`.
  let corners: [[Double]]

  /// Looks at the directions of a model with three hidden dimensions; features without weights stay at the centre.
  init(_ geometry: SuperpositionGeometry) {
    precondition(geometry.hidden == 3, "a polytope is seen in three dimensions, not \(geometry.hidden)")
    let unit = geometry.directions.map(Self.normalized)
    let up = Self.axis(of: unit)
    // The corner that stands out farthest from the axis decides how the polytope is turned about it.
    let across = unit.map { corner in zip(corner, up).map { $0 - $1 * Self.dot(corner, up) } }
    let front = Self.normalized(across.max { Self.dot($0, $0) < Self.dot($1, $1) } ?? [1, 0, 0])
    let side = Self.cross(up, front)
    corners = unit.map { [Self.dot($0, front), Self.dot($0, side), Self.dot($0, up)] }
  }

  /// The pairs of corners that share an edge of the convex hull, in order.
  ///
  /// Corners within a tenth of a face's plane belong to the face, so that a trained square has no diagonals.
  var edges: [(Int, Int)] {
    var faces: Set<[Int]> = []
    for a in corners.indices {
      for b in (a + 1)..<max(corners.count, a + 1) {
        for c in (b + 1)..<max(corners.count, b + 1) {
          if let face = face(a, b, c) { faces.insert(face) }
        }
      }
    }
    var edges: Set<[Int]> = []
    for face in faces { edges.formUnion(border(of: face)) }
    return edges.sorted { ($0[0], $0[1]) < ($1[0], $1[1]) }.map { ($0[0], $0[1]) }
  }

  /// All corners in the plane of three, if the plane has the others on one side.
  private func face(_ a: Int, _ b: Int, _ c: Int) -> [Int]? {
    let spanned = Self.cross(Self.difference(corners[b], corners[a]), Self.difference(corners[c], corners[a]))
    guard Self.dot(spanned, spanned) > 1e-6 else { return nil }
    let normal = Self.normalized(spanned)
    let heights = corners.map { Self.dot(Self.difference($0, corners[a]), normal) }
    guard heights.allSatisfy({ $0 < 0.1 }) || heights.allSatisfy({ $0 > -0.1 }) else { return nil }
    return heights.indices.filter { abs(heights[$0]) < 0.1 }
  }

  /// The neighbouring pairs around a face.
  private func border(of face: [Int]) -> [[Int]] {
    let centre = (0..<3).map { axis in face.reduce(0) { $0 + corners[$1][axis] } / Double(face.count) }
    let first = Self.normalized(Self.difference(corners[face[0]], centre))
    let normal = Self.normalized(
      Self.cross(
        Self.difference(corners[face[1]], corners[face[0]]), Self.difference(corners[face[2]], corners[face[0]])))
    let second = Self.cross(normal, first)
    let angles = face.map { corner -> Double in
      let arm = Self.difference(corners[corner], centre)
      return atan2(Self.dot(arm, second), Self.dot(arm, first))
    }
    let around = face.indices.sorted { angles[$0] < angles[$1] }.map { face[$0] }
    return around.indices.map { [around[$0], around[($0 + 1) % around.count]].sorted() }
  }

  /// The direction that points up: a corner with an opposite, as of a bipyramid; a corner of a tetrahedron; otherwise
  /// the middle of the half of the corners that lie closest together, as of an antiprism.
  private static func axis(of corners: [[Double]]) -> [Double] {
    let paired = corners.filter { corner in corners.contains { dot(corner, $0) < -0.95 } }
    if let apex = paired.first { return apex }
    guard corners.count > 4 else { return corners.first ?? [0, 0, 1] }
    var best = (length: 0.0, sum: [0.0, 0, 1])
    for subset in 0..<(1 << min(corners.count, 16)) where subset.nonzeroBitCount == corners.count / 2 {
      let sum = (0..<3).map { axis in
        corners.indices.reduce(0) { $0 + (subset >> $1 & 1 == 1 ? corners[$1][axis] : 0) }
      }
      if dot(sum, sum) > best.length { best = (dot(sum, sum), sum) }
    }
    return normalized(best.sum)
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  private static func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }

  private static func cross(_ a: [Double], _ b: [Double]) -> [Double] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
  }

  private static func normalized(_ vector: [Double]) -> [Double] {
    let length = dot(vector, vector).squareRoot()
    return length > 1e-9 ? vector.map { $0 / length } : vector.map { _ in 0 }
  }
}
