// A paper as the harness knows it: the head of its `claims.yaml`.

/// A publication whose findings are replicated.
public struct Paper: Sendable, Hashable, Codable {
  /// The citation key, which is also the paper's folder under `papers/`, for instance `elhage2022superposition`.
  public let key: String

  /// The title as published.
  public let title: String

  /// The authors in published order.
  public let authors: [String]

  /// The year of publication.
  public let year: Int

  /// Where the paper can be read.
  public let url: String

  /// Creates a paper.
  public init(key: String, title: String, authors: [String], year: Int, url: String) {
    self.key = key
    self.title = title
    self.authors = authors
    self.year = year
    self.url = url
  }
}
