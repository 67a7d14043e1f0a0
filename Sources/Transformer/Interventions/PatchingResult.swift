// What a sweep of patches measured, example by example, and the statistics of it.

import Tensors

/// The metric of each example under each patch of a sweep.
public struct PatchingResult: Sendable {
  /// The metric, `[axes…, batch]`.
  public let values: Tensor
  /// The names of the axes before that of the examples.
  public let axes: [String]
  /// The metric of each example without any patch: that of the corrupted run.
  public let baseline: [Float]
  /// The names of the kinds of activation along an axis `patch_type`; empty where there is none.
  public let patchTypes: [String]

  /// Creates a result from what was measured.
  public init(values: Tensor, axes: [String], baseline: [Float], patchTypes: [String] = []) {
    precondition(
      values.rank == axes.count + 1 && values.shape.last == baseline.count,
      "values of shape \(values.shape) for the axes \(axes) and \(baseline.count) examples")
    self.values = values
    self.axes = axes
    self.baseline = baseline
    self.patchTypes = patchTypes
  }

  /// The mean over examples, `[axes…]`.
  public var mean: Tensor { values.mean(axis: -1) }

  /// The standard error of the mean over examples, `[axes…]`; NaN for a single example.
  public var standardError: Tensor {
    values.variance(axis: -1, correction: 1).squareRoots() / Float(baseline.count).squareRoot()
  }

  /// What each patch changed of the corrupted run's metric, `[axes…, batch]`.
  public var effect: Tensor { values - Tensor(baseline, [baseline.count]) }

  /// The part of the way from corrupted to clean that each patch goes, example by example: 0 for none, 1 for all.
  ///
  /// `corrupted` is the baseline unless given. An example whose two metrics coincide gives NaN or an infinity.
  public func normalized(clean: [Float], corrupted: [Float]? = nil) -> PatchingResult {
    let corrupted = corrupted ?? baseline
    precondition(
      clean.count == baseline.count && corrupted.count == baseline.count,
      "\(clean.count) clean and \(corrupted.count) corrupted metrics for \(baseline.count) examples")
    let low = Tensor(corrupted, [corrupted.count])
    let gap = Tensor(clean, [clean.count]) - low
    return PatchingResult(
      values: (values - low) / gap, axes: axes, baseline: zip(0..., baseline).map { ($1 - low[$0]) / gap[$0] },
      patchTypes: patchTypes)
  }

  /// The part of the way from the mean corrupted to the mean clean metric that each patch goes on average, `[axes…]`.
  public func normalizedMean(clean: [Float], corrupted: [Float]? = nil) -> Tensor {
    let low = Tensor(corrupted ?? baseline, [baseline.count]).mean()
    return (mean - low) / (Tensor(clean, [clean.count]).mean() - low)
  }

  /// One kind of activation of a sweep over several.
  public subscript(_ patchType: String) -> PatchingResult {
    guard let place = patchTypes.firstIndex(of: patchType) else {
      preconditionFailure("\(patchType) is none of the kinds \(patchTypes)")
    }
    return PatchingResult(
      values: values.slice(axis: 0, at: place), axes: Array(axes.dropFirst()), baseline: baseline)
  }
}
