// The name of an attention head as papers write it: 9.6 is head 6 of layer 9, both counted from 0.

/// An attention head by its place in a model.
struct HeadName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The layer, counted from 0.
  let layer: Int
  /// The head within the layer, counted from 0.
  let head: Int

  /// The name of a head.
  init(_ layer: Int, _ head: Int) {
    self.layer = layer
    self.head = head
  }

  /// The names of all heads, layer by layer.
  static func all(layers: Range<Int>, heads: Int) -> [HeadName] {
    layers.flatMap { layer in (0..<heads).map { HeadName(layer, $0) } }
  }

  /// Layer by layer.
  static func < (left: HeadName, right: HeadName) -> Bool { (left.layer, left.head) < (right.layer, right.head) }

  /// The name as papers write it, for instance `9.6`.
  var description: String { "\(layer).\(head)" }
}

extension [[Double]] {
  /// The entry of a head in a table `[layer][head]`.
  subscript(_ name: HeadName) -> Double { self[name.layer][name.head] }
}
