// How two tensors of different shapes are walked together: adjacent axes that behave alike are merged, so that the
// innermost run is as long as it can be.

/// The walk over a broadcast result as runs in which each operand either advances by one element or stands still.
struct BroadcastPlan {
  /// The length of one run.
  private(set) var innerCount = 1
  /// Whether the left operand advances within a run.
  private(set) var leftVaries = true
  /// Whether the right operand advances within a run.
  private(set) var rightVaries = true

  /// The outer axes, innermost first, with the step of each operand.
  private var outer: [(extent: Int, left: Int, right: Int)] = []

  /// Plans the walk over `shape`, which both operand shapes must broadcast to.
  init(_ shape: [Int], _ left: [Int], _ right: [Int]) {
    var merged: [(extent: Int, left: Int, right: Int)] = []
    var (leftStride, rightStride) = (1, 1)
    for fromEnd in 1...max(shape.count, 1) where fromEnd <= shape.count {
      let extent = shape[shape.count - fromEnd]
      let leftExtent = fromEnd <= left.count ? left[left.count - fromEnd] : 1
      let rightExtent = fromEnd <= right.count ? right[right.count - fromEnd] : 1
      defer {
        leftStride *= leftExtent
        rightStride *= rightExtent
      }
      guard extent != 1 else { continue }
      let step = (extent: extent, left: leftExtent == 1 ? 0 : leftStride, right: rightExtent == 1 ? 0 : rightStride)
      if let last = merged.last, last.left * last.extent == step.left, last.right * last.extent == step.right {
        merged[merged.count - 1].extent *= extent
      } else {
        merged.append(step)
      }
    }
    guard let inner = merged.first else { return }
    innerCount = inner.extent
    leftVaries = inner.left != 0
    rightVaries = inner.right != 0
    outer = Array(merged.dropFirst())
  }

  /// Calls a closure for each run with the offsets where it starts in the result and in the operands.
  func forEachRun(_ body: (_ output: Int, _ left: Int, _ right: Int) -> Void) {
    var position = [Int](repeating: 0, count: outer.count)
    var (output, left, right) = (0, 0, 0)
    while true {
      body(output, left, right)
      output += innerCount
      var axis = 0
      while axis < outer.count {
        position[axis] += 1
        left += outer[axis].left
        right += outer[axis].right
        if position[axis] < outer[axis].extent { break }
        left -= outer[axis].left * outer[axis].extent
        right -= outer[axis].right * outer[axis].extent
        position[axis] = 0
        axis += 1
      }
      if axis == outer.count { return }
    }
  }
}
