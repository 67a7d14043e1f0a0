// What the names on the closed list stand for: each notes what PyTorch would have built, after checking all of it.

extension PickleMachine {
  /// The node for a function of the closed list and its arguments.
  func describe(
    _ function: PickleGraph.Reference, _ arguments: PickleGraph.Reference
  ) throws(CheckpointError) -> (node: PickleGraph.Node?, tensor: PickleGraph.StoredTensor?) {
    guard case .global(let global) = graph.nodes[function] else { throw fail("something is called that is no name") }
    guard case .tuple(let arguments) = graph.nodes[arguments] else { throw fail("arguments are no tuple") }
    switch global {
    case .orderedDictionary: return (.dictionary(try entries(arguments)), nil)
    case .rebuildTensor where arguments.count == 4, .rebuildTensorV2 where 6...7 ~= arguments.count:
      return (nil, try tensor(arguments, type: nil))
    case .rebuildTensorV3 where 7...8 ~= arguments.count:
      guard case .global(.type(let type)) = graph.nodes[arguments[6]] else { throw fail("a tensor has no type") }
      return (nil, try tensor(arguments, type: type))
    case .rebuildParameter where 1...4 ~= arguments.count:
      guard case .tensor = graph.nodes[arguments[0]] else { throw fail("a parameter holds no tensor") }
      return (graph.nodes[arguments[0]], nil)
    case .size where arguments.count == 1:
      guard let sizes = graph.elements(arguments[0]) else { throw fail("a size is no list") }
      return (.tuple(sizes), nil)
    case .device: return (.inert, nil)
    default: throw fail("a name is called with \(arguments.count) arguments, or is one that is not called")
    }
  }

  /// Builds what a function of the closed list stands for.
  mutating func build(
    _ function: PickleGraph.Reference, _ arguments: PickleGraph.Reference
  ) throws(CheckpointError) -> PickleGraph.Node {
    let (node, tensor) = try describe(function, arguments)
    if let node { return node }
    if let tensor { graph.tensors.append(tensor) }
    return .tensor(graph.tensors.count - 1)
  }

  /// The entries of `OrderedDict()` or `OrderedDict([(key, value), …])`.
  private func entries(_ arguments: [PickleGraph.Reference]) throws(CheckpointError) -> [PickleGraph.Entry] {
    guard let list = arguments.first else { return [] }
    guard arguments.count == 1, let pairs = graph.elements(list) else {
      throw fail("a dictionary is made of something that is no list of pairs")
    }
    var entries: [PickleGraph.Entry] = []
    for pair in pairs {
      guard let parts = graph.elements(pair), parts.count == 2 else {
        throw fail("a dictionary is made of something that is no list of pairs")
      }
      entries.append(PickleGraph.Entry(key: parts[0], value: parts[1]))
    }
    return entries
  }

  /// A view of a storage: (storage, offset, shape, strides, …), all within the storage.
  private func tensor(
    _ arguments: [PickleGraph.Reference], type given: ElementType?
  ) throws(CheckpointError) -> PickleGraph.StoredTensor {
    guard case .storage(let place) = graph.nodes[arguments[0]], let offset = graph.integer(arguments[1]), offset >= 0,
      let shape = graph.sizes(arguments[2]), let strides = graph.sizes(arguments[3]), shape.count == strides.count
    else { throw fail("a tensor is not described as PyTorch does") }
    if arguments.count > (given == nil ? 6 : 7), let flags = arguments.last {
      // Flags of lazily negated and conjugated tensors; elsewhere empty.
      switch graph.nodes[flags] {
      case .none: break
      case .dictionary(let entries) where entries.isEmpty: break
      default: throw fail("a tensor is marked as negated or conjugated; save a resolved copy")
      }
    }
    let storage = graph.storages[place]
    guard let type = given ?? storage.type else { throw fail("a tensor has no type") }
    guard storage.type == nil || storage.type == type else {
      throw fail("a tensor of \(type) lies in a storage of another type")
    }
    // A storage of bytes holds as many elements as fit into it.
    let count = storage.type == nil ? storage.count / max(1, type.bits / 8) : storage.count
    let layout = StridedLayout(offset: offset, shape: shape, strides: strides)
    guard let elements = ElementType.count(of: shape), let extent = layout.extent,
      extent == 0 || offset <= count - extent
    else {
      throw fail("a tensor \(shape) with strides \(strides) reaches beyond its storage of \(count) elements")
    }
    guard elements <= count else {
      throw fail("a tensor \(shape) repeats elements of a storage of \(count); save a contiguous copy")
    }
    if elements == 0 { return .init(storage: place, type: type, layout: StridedLayout(dense: shape)) }
    return .init(storage: place, type: type, layout: layout)
  }
}
