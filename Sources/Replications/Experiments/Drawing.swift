// Evidence as bytes: whatever draws it, the harness only writes it down.

/// A figure with the numbers behind it, as they are written to the evidence folder.
public struct Drawing: Sendable, Hashable {
  /// The file name without extension: the experiment's name, alone or followed by a hyphen and more.
  public let name: String

  /// The figure as SVG.
  public let svg: String

  /// The numbers in the figure as CSV.
  public let csv: String

  /// Creates a figure.
  public init(name: String, svg: String, csv: String) {
    self.name = name
    self.svg = svg
    self.csv = csv
  }
}
