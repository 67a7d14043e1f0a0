// How a learning rate changes over training: factors of its peak, composed as values.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A factor on the learning rate for each step, counted from 0.
///
/// Schedules compose: `.warmUp(over: 100).then(.halfCosine(over: 900), at: 100)`.
public indirect enum Schedule: Sendable, Equatable, Codable {
  /// Always 1.
  case constant
  /// From `start` to 1 on a line over a number of steps, then 1: `start + (1 − start)·s/S`.
  case warmUp(over: Int, from: Double = 0)
  /// From 1 to 0 on a line: `1 − s/S`, the notebook's `linear_lr` of Elhage et al. 2022.
  case linearDecay(over: Int)
  /// A quarter of a cosine from 1 to 0: `cos(½π·s/(S − 1))`, the notebook's `cosine_decay_lr` of Elhage et al. 2022.
  case quarterCosine(over: Int)
  /// Half a cosine from 1 to `floor`: `floor + (1 − floor)·½(1 + cos(π·s/S))` (Loshchilov and Hutter 2017).
  case halfCosine(over: Int, floor: Double = 0)
  /// The product of two schedules.
  case product(Schedule, Schedule)
  /// One schedule up to a step, then another that counts from there.
  case sequence(Schedule, Schedule, at: Int)

  /// A multiple of this schedule.
  public static func * (left: Schedule, right: Schedule) -> Schedule { .product(left, right) }

  /// This schedule up to a step, then another that counts its own steps from 0.
  public func then(_ next: Schedule, at step: Int) -> Schedule { .sequence(self, next, at: step) }

  /// Linear warm-up to the peak, then half a cosine down to a floor at the last of `steps`.
  public static func warmUpThenCosine(warmUp: Int, steps: Int, floor: Double = 0) -> Schedule {
    .warmUp(over: warmUp).then(.halfCosine(over: steps - warmUp, floor: floor), at: warmUp)
  }

  /// The factor at a step; steps beyond the end keep the last value.
  public func factor(at step: Int) -> Double {
    precondition(step >= 0, "a schedule has no step \(step)")
    switch self {
    case .constant: return 1
    case .warmUp(let steps, let start): return start + (1 - start) * Self.progress(step, steps)
    case .linearDecay(let steps): return 1 - Self.progress(step, steps)
    case .quarterCosine(let steps): return max(0, cos(0.5 * .pi * Self.progress(step, steps - 1)))
    case .halfCosine(let steps, let floor):
      return floor + (1 - floor) * 0.5 * (1 + cos(.pi * Self.progress(step, steps)))
    case .product(let left, let right): return left.factor(at: step) * right.factor(at: step)
    case .sequence(let early, let late, let start):
      return step < start ? early.factor(at: step) : late.factor(at: step - start)
    }
  }

  /// The share of a stretch that is behind, in 0 ... 1; an empty stretch is behind at once.
  private static func progress(_ step: Int, _ steps: Int) -> Double {
    steps <= 0 ? 1 : min(1, Double(step) / Double(steps))
  }
}
