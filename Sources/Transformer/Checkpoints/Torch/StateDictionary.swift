// Turns what a pickle describes into named tensors.
//
// A state dictionary gives its own names. A training checkpoint holds more; there each tensor's name is the path that
// leads to it, its keys joined by dots, but the model's own tensors need no prefix.

/// The tensors and scalars of a pickle by name.
struct StateDictionary {
  /// Places in the graph's list of tensors, by name, in the pickle's order.
  private(set) var tensors: [(name: String, tensor: Int)] = []
  /// Texts, numbers and truth values that stand in dictionaries.
  private(set) var scalars: [String: String] = [:]

  /// The keys whose tensors have no prefix; the first that holds tensors is taken.
  static let modelKeys = ["state_dict", "model_state_dict", "model"]

  /// How deep containers may nest.
  private static let depthLimit = 16

  /// The most values that are visited and the most bytes of names: a small pickle can spell out a huge tree.
  private static let visitLimit = 1_000_000
  private static let nameLimit = 1 << 26

  private struct Visit {
    let reference: PickleGraph.Reference
    let name: String
    let depth: Int
    let isInDictionary: Bool
  }

  init(_ graph: PickleGraph, file: String) throws(CheckpointError) {
    func fail(_ reason: String) -> CheckpointError { CheckpointError(file: file, reason: reason) }
    var pending = [Visit(reference: graph.root, name: "", depth: 0, isInDictionary: true)]
    var visits = 0
    var nameBytes = 0
    while let visit = pending.popLast() {
      visits += 1
      guard visits <= Self.visitLimit else { throw fail("spells out more than \(Self.visitLimit) values") }
      guard visit.depth <= Self.depthLimit else { throw fail("nests deeper than \(Self.depthLimit)") }
      func child(
        _ key: String, _ reference: PickleGraph.Reference, isInDictionary: Bool
      ) throws(CheckpointError) -> Visit {
        // Counted before it is spelt out: a long name may have a hundred thousand children.
        nameBytes += visit.name.utf8.count + key.utf8.count + 1
        guard nameBytes <= Self.nameLimit else { throw fail("has names of more than \(Self.nameLimit) bytes") }
        let name = visit.depth == 0 ? key : visit.name + "." + key
        return Visit(reference: reference, name: name, depth: visit.depth + 1, isInDictionary: isInDictionary)
      }
      switch graph.nodes[visit.reference] {
      case .tensor(let tensor): tensors.append((visit.depth == 0 ? "tensor" : visit.name, tensor))
      case .dictionary(let entries):
        try Self.check(entries.count + pending.count, fail)
        for entry in entries.reversed() {
          guard let key = graph.string(entry.key) ?? graph.integer(entry.key).map(String.init) else { continue }
          pending.append(try child(key, entry.value, isInDictionary: true))
        }
      case .tuple(let elements), .list(let elements):
        try Self.check(elements.count + pending.count, fail)
        for (place, element) in elements.enumerated().reversed() {
          pending.append(try child(String(place), element, isInDictionary: false))
        }
      case .string(let text) where visit.isInDictionary: scalars[visit.name] = text
      case .integer(let value) where visit.isInDictionary: scalars[visit.name] = String(value)
      case .double(let value) where visit.isInDictionary: scalars[visit.name] = String(value)
      case .bool(let value) where visit.isInDictionary: scalars[visit.name] = String(value)
      default: break
      }
    }
    liftModel()
    guard !tensors.isEmpty else { throw fail("holds no tensor") }
  }

  private static func check(_ count: Int, _ fail: (String) -> CheckpointError) throws(CheckpointError) {
    guard count <= visitLimit else { throw fail("spells out more than \(visitLimit) values") }
  }

  /// Removes the prefix of the model's tensors.
  private mutating func liftModel() {
    guard
      let prefix = Self.modelKeys.map({ $0 + "." }).first(where: { key in
        tensors.contains { $0.name.hasPrefix(key) }
      })
    else { return }
    for place in tensors.indices where tensors[place].name.hasPrefix(prefix) {
      tensors[place].name.removeFirst(prefix.count)
    }
  }
}
