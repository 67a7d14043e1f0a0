// Tensors inside encoded optimiser state: shape and bit patterns, so that what is read back is equal to the last bit.

extension Tensor: Codable {
  private enum CodingKeys: String, CodingKey {
    case shape, bits
  }

  /// Encodes the shape and the bit pattern of each element; NaN survives in any format.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(elements.map(\.bitPattern), forKey: .bits)
  }

  /// Decodes a tensor, refusing a shape that its elements do not fill.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let shape = try container.decode([Int].self, forKey: .shape)
    let bits = try container.decode([UInt32].self, forKey: .bits)
    var count: Int? = 1
    for extent in shape {
      guard let product = count?.multipliedReportingOverflow(by: extent), extent >= 0, !product.overflow else {
        count = nil
        break
      }
      count = product.partialValue
    }
    guard count == bits.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .bits, in: container,
        debugDescription: "\(bits.count) elements do not fill the tensor shape \(shape)")
    }
    self.init(bits.map(Float.init(bitPattern:)), shape)
  }
}
