// Copies with the axes in another order, in square tiles so that reads and writes both stay in the cache.

extension Kernels {
  /// Copies a tensor of `shape` so that axis `i` of the result is axis `order[i]` of the input; not in place.
  static func permute(
    _ input: UnsafeBufferPointer<Float>, _ shape: [Int], _ order: [Int], into output: UnsafeMutableBufferPointer<Float>
  ) {
    guard let source = input.baseAddress, let target = output.baseAddress else { return }
    let axes = mergedAxes(shape, order)
    guard let last = axes.last else {
      target.update(from: source, count: input.count)
      return
    }
    if last.stride == 1 {
      // Whole runs keep their order: copy them.
      walk(Array(axes.dropLast())) { from, to in (target + to).update(from: source + from, count: last.extent) }
      return
    }
    // Some other axis is contiguous in the input: exchange it with the last one tile by tile.
    guard let contiguous = axes.firstIndex(where: { $0.stride == 1 }) else { return }
    let (rows, columns) = (axes[contiguous], last)
    var outer = axes
    outer.remove(at: axes.count - 1)
    outer.remove(at: contiguous)
    walk(outer) { from, to in
      transposeTiles(
        source + from, columns.stride, target + to, rows.step, rows: rows.extent, columns: columns.extent)
    }
  }

  /// Writes target[r · targetStride + c] = source[c · sourceStride + r].
  private static func transposeTiles(
    _ source: UnsafePointer<Float>, _ sourceStride: Int, _ target: UnsafeMutablePointer<Float>, _ targetStride: Int,
    rows: Int, columns: Int
  ) {
    let tile = 16
    for firstColumn in stride(from: 0, to: columns, by: tile) {
      let endColumn = min(firstColumn + tile, columns)
      for firstRow in stride(from: 0, to: rows, by: tile) {
        for row in firstRow..<min(firstRow + tile, rows) {
          let line = target + row * targetStride
          var from = source + firstColumn * sourceStride + row
          for column in firstColumn..<endColumn {
            line[column] = from.pointee
            from += sourceStride
          }
        }
      }
    }
  }

  /// One axis of the result: its extent, its stride in the input and its step in the output.
  private struct Axis {
    var extent: Int
    var stride: Int
    var step: Int
  }

  /// The axes of the result, without those of extent one and with neighbours that stay neighbours merged.
  private static func mergedAxes(_ shape: [Int], _ order: [Int]) -> [Axis] {
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() { strides[axis] = strides[axis + 1] * shape[axis + 1] }
    var axes: [Axis] = []
    for axis in order where shape[axis] != 1 {
      if let previous = axes.last, previous.stride == strides[axis] * shape[axis] {
        axes[axes.count - 1].extent *= shape[axis]
        axes[axes.count - 1].stride = strides[axis]
      } else {
        axes.append(Axis(extent: shape[axis], stride: strides[axis], step: 1))
      }
    }
    var step = 1
    for index in axes.indices.reversed() {
      axes[index].step = step
      step *= axes[index].extent
    }
    return axes
  }

  /// Calls a closure for each position of the axes with the offsets in input and output.
  private static func walk(_ axes: [Axis], _ body: (_ from: Int, _ to: Int) -> Void) {
    var position = [Int](repeating: 0, count: axes.count)
    var (from, to) = (0, 0)
    while true {
      body(from, to)
      var axis = axes.count - 1
      while axis >= 0 {
        position[axis] += 1
        from += axes[axis].stride
        to += axes[axis].step
        if position[axis] < axes[axis].extent { break }
        from -= axes[axis].stride * axes[axis].extent
        to -= axes[axis].step * axes[axis].extent
        position[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}
