// A mean with its standard error.

/// The mean of some numbers, and how far it may be from that of the population they are drawn from.
public struct Estimate: Sendable, Equatable {
  /// The mean; NaN of nothing.
  public let mean: Double
  /// The standard deviation of the mean, n − 1 in the denominator; NaN of fewer than two numbers.
  public let standardError: Double

  /// Estimates the mean of the population of which some numbers are a sample.
  public init(_ values: some Collection<Double>) {
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    self.mean = mean
    guard values.count > 1 else {
      standardError = .nan
      return
    }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardError = (squares / (count - 1) / count).squareRoot()
  }

  /// Estimates the mean of the population of which some numbers are a sample.
  public init(_ values: [Float]) { self.init(values.lazy.map(Double.init)) }
}
