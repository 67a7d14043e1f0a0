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
  ///
  /// For bodies that are calls themselves; element loops take `runs()`, or they would not vectorise.
  func forEachRun(_ body: (_ output: Int, _ left: Int, _ right: Int) -> Void) {
    var runs = runs()
    while let run = runs.next() { body(run.output, run.left, run.right) }
  }

  /// The runs in row-major order of the result.
  func runs() -> Runs { Runs(axes: outer, innerCount: innerCount) }

  /// The offsets where each run starts in the result and in the operands.
  ///
  /// An iterator rather than a closure, so that the loop over a run stays in its caller's function and vectorises.
  struct Runs {
    fileprivate let axes: [(extent: Int, left: Int, right: Int)]
    fileprivate let innerCount: Int
    private var position: [Int]
    private var start = (output: 0, left: 0, right: 0)
    private var isDone = false

    fileprivate init(axes: [(extent: Int, left: Int, right: Int)], innerCount: Int) {
      self.axes = axes
      self.innerCount = innerCount
      position = Array(repeating: 0, count: axes.count)
    }

    /// The next run, or nil after the last.
    mutating func next() -> (output: Int, left: Int, right: Int)? {
      guard !isDone else { return nil }
      let current = start
      start.output += innerCount
      var axis = 0
      while axis < axes.count {
        position[axis] += 1
        start.left += axes[axis].left
        start.right += axes[axis].right
        if position[axis] < axes[axis].extent { return current }
        start.left -= axes[axis].left * axes[axis].extent
        start.right -= axes[axis].right * axes[axis].extent
        position[axis] = 0
        axis += 1
      }
      isDone = true
      return current
    }
  }
}
