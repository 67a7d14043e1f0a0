// How a tensor looks in a failed expectation or a debugger.

extension Tensor: CustomStringConvertible {
  /// The shape and the elements in row-major order, of many only the first and the last three.
  public var description: String {
    let listed: [String] = withUnsafeElements { elements in
      guard elements.count > 10 else { return elements.map { "\($0)" } }
      return elements.prefix(3).map { "\($0)" } + ["…"] + elements.suffix(3).map { "\($0)" }
    }
    return "Tensor \(shape): \(listed.joined(separator: " "))"
  }
}
