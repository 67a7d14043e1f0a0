// A matrix written as its transpose, four rows and four columns at a time.

extension Kernels {
  /// Writes target[column · pitch + row] = source[row · stride + column].
  static func transpose(
    _ source: UnsafePointer<Float>, stride: Int, rows: Int, columns: Int, into target: UnsafeMutablePointer<Float>,
    pitch: Int
  ) {
    var row = 0
    while row + 4 <= rows {
      let line = source + row * stride
      var column = 0
      while column + 4 <= columns {
        let (a, b) = (load(line + column), load(line + stride + column))
        let (c, d) = (load(line + 2 * stride + column), load(line + 3 * stride + column))
        let corner = target + column * pitch + row
        store(SIMD4(a.x, b.x, c.x, d.x), corner)
        store(SIMD4(a.y, b.y, c.y, d.y), corner + pitch)
        store(SIMD4(a.z, b.z, c.z, d.z), corner + 2 * pitch)
        store(SIMD4(a.w, b.w, c.w, d.w), corner + 3 * pitch)
        column += 4
      }
      while column < columns {
        for step in 0..<4 { target[column * pitch + row + step] = line[step * stride + column] }
        column += 1
      }
      row += 4
    }
    while row < rows {
      for column in 0..<columns { target[column * pitch + row] = source[row * stride + column] }
      row += 1
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafePointer<Float>) -> SIMD4<Float> {
    UnsafeRawPointer(pointer).loadUnaligned(as: SIMD4<Float>.self)
  }

  @inline(__always)
  private static func store(_ lanes: SIMD4<Float>, _ pointer: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(pointer).storeBytes(of: lanes, as: SIMD4<Float>.self)
  }
}
