// Reads a pickle as data. Nothing is imported and nothing is called: names are compared with a closed list, and what
// they would have built is written down as a node.
//
// Instructions: Python's pickletools; the subset is that of PyTorch's own `weights_only` reader, and of protocols
// 3 to 5 what is data. Anything else is refused by its name.

/// The state of one reading.
struct PickleMachine {
  private var input: PickleInput
  var graph = PickleGraph()
  private var stack: [PickleGraph.Reference] = []
  private var marks: [Int] = []
  private var memo: [Int: PickleGraph.Reference] = [:]
  private var copied = 0
  private var storagePlaces: [ExactString: Int] = [:]

  /// The most values that a pickle may make, keep or stack.
  private static let limit = 4_000_000

  private init(_ input: PickleInput) { self.input = input }

  /// Reads the pickle that begins at a place of a region; also says where it ends.
  static func read(
    _ region: ByteRegion, from start: Int = 0, file: String
  ) throws(CheckpointError) -> (graph: PickleGraph, end: Int) {
    var machine = PickleMachine(PickleInput(region, from: start, file: file))
    try machine.run()
    return (machine.graph, machine.input.place)
  }

  func fail(_ reason: String) -> CheckpointError { input.fail(reason) }

  private mutating func run() throws(CheckpointError) {
    while true {
      let code = try input.byte()
      guard let instruction = PickleInstruction(rawValue: code) else {
        let name = PickleInstruction.refused[code].map { "\($0)" } ?? "0x" + String(code, radix: 16)
        throw fail("the instruction \(name) is not one that a checkpoint needs")
      }
      if instruction == .stop {
        graph.root = try pop()
        guard stack.isEmpty, marks.isEmpty else { throw fail("values are left over at its end") }
        return
      }
      try execute(instruction)
    }
  }

  private mutating func execute(_ instruction: PickleInstruction) throws(CheckpointError) {
    switch instruction {
    case .proto:
      let version = try input.byte()
      guard 2...5 ~= version else { throw fail("it has protocol \(version); 2 to 5 are read") }
    case .stop: break
    case .mark:
      try checkLimit(marks.count)
      marks.append(stack.count)
    case .none: try push(.none)
    case .newTrue: try push(.bool(true))
    case .newFalse: try push(.bool(false))
    case .binInt: try push(.integer(Int(Int32(truncatingIfNeeded: try input.unsigned(4)))))
    case .binInt1: try push(.integer(try input.unsigned(1)))
    case .binInt2: try push(.integer(try input.unsigned(2)))
    case .long1: try pushLong()
    case .binFloat:
      let bits = try input.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      try push(.double(Double(bitPattern: bits)))
    case .binUnicode: try pushString(try input.unsigned(4))
    case .shortBinString, .shortBinUnicode: try pushString(try input.unsigned(1))
    case .binUnicode8: try pushString(try input.length())
    // Frames only say how much may be read at once.
    case .frame: _ = try input.length()
    case .emptyTuple: try push(.tuple([]))
    case .emptyList, .emptySet: try push(.list([]))
    case .emptyDict: try push(.dictionary([]))
    case .tuple: try push(.tuple(try popToMark()))
    case .tuple1: try pushTuple(1)
    case .tuple2: try pushTuple(2)
    case .tuple3: try pushTuple(3)
    case .append: try extend([try pop()])
    case .appends, .addItems: try extend(try popToMark())
    case .setItem: try set([try pop(), try pop()].reversed())
    case .setItems: try set(try popToMark())
    case .binPut: try remember(try input.unsigned(1))
    case .longBinPut: try remember(try input.unsigned(4))
    case .memoize: try remember(memo.count)
    case .binGet: try recall(try input.unsigned(1))
    case .longBinGet: try recall(try input.unsigned(4))
    case .global:
      let module = String(decoding: try input.line(), as: UTF8.self)
      try pushGlobal(module, String(decoding: try input.line(), as: UTF8.self))
    case .stackGlobal:
      let (name, module) = (try pop(), try pop())
      guard let name = graph.string(name), let module = graph.string(module) else {
        throw fail("a name is made of something that is no text")
      }
      try pushGlobal(module, name)
    case .reduce, .newObject:
      let arguments = try pop()
      let function = try pop()
      let node = try build(function, arguments)
      // A list that the memo keeps can be made a dictionary again and again: all of them count.
      if case .dictionary(let entries) = node { copied += entries.count }
      try checkLimit(copied)
      try push(node)
    case .build:
      // The attributes of a dictionary (`_metadata`) and of a tensor; no element depends on them.
      _ = try pop()
      guard let target = stack.last else { throw fail("a value is missing") }
      switch graph.nodes[target] {
      case .dictionary, .tensor: break
      default: throw fail("attributes are set on something that is no dictionary and no tensor")
      }
    case .binPersistentIdentifier: try push(try storage(try pop()))
    }
  }

  // MARK: - Stack and memo

  private func checkLimit(_ count: Int) throws(CheckpointError) {
    guard count < Self.limit else { throw fail("it makes more than \(Self.limit) values") }
  }

  private mutating func push(_ node: PickleGraph.Node) throws(CheckpointError) {
    try checkLimit(graph.nodes.count)
    graph.nodes.append(node)
    try push(graph.nodes.count - 1)
  }

  private mutating func push(_ reference: PickleGraph.Reference) throws(CheckpointError) {
    try checkLimit(stack.count)
    stack.append(reference)
  }

  private mutating func pop() throws(CheckpointError) -> PickleGraph.Reference {
    guard stack.count > marks.last ?? 0, let top = stack.popLast() else { throw fail("a value is missing") }
    return top
  }

  private mutating func popToMark() throws(CheckpointError) -> [PickleGraph.Reference] {
    guard let mark = marks.popLast() else { throw fail("a mark is missing") }
    let values = Array(stack[mark...])
    stack.removeSubrange(mark...)
    return values
  }

  private mutating func remember(_ key: Int) throws(CheckpointError) {
    guard stack.count > marks.last ?? 0, let top = stack.last else { throw fail("a value is missing") }
    try checkLimit(memo.count)
    memo[key] = top
  }

  private mutating func recall(_ key: Int) throws(CheckpointError) {
    guard let reference = memo[key] else { throw fail("the memo has no entry \(key)") }
    try push(reference)
  }

  // MARK: - Values

  private mutating func pushLong() throws(CheckpointError) {
    let bytes = try input.bytes(try input.unsigned(1))
    guard bytes.count <= 8 else { return try push(.longInteger(Array(bytes))) }
    let unsigned = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let shift = UInt64(64 - 8 * bytes.count)
    try push(.integer(bytes.isEmpty ? 0 : Int(Int64(bitPattern: unsigned << shift) >> Int64(shift))))
  }

  private mutating func pushString(_ count: Int) throws(CheckpointError) {
    guard let text = String(validating: try input.bytes(count), as: UTF8.self) else {
      throw fail("a text is not UTF-8")
    }
    try push(.string(text))
  }

  private mutating func pushTuple(_ count: Int) throws(CheckpointError) {
    guard stack.count - (marks.last ?? 0) >= count else { throw fail("a value is missing") }
    let elements = Array(stack.suffix(count))
    stack.removeLast(count)
    try push(.tuple(elements))
  }

  private mutating func extend(_ values: [PickleGraph.Reference]) throws(CheckpointError) {
    guard let target = stack.last, case .list(var elements) = graph.nodes[target] else {
      throw fail("something is appended to what is no list")
    }
    // The node gives up its array first, so that appending copies nothing.
    graph.nodes[target] = .none
    elements.append(contentsOf: values)
    graph.nodes[target] = .list(elements)
  }

  private mutating func set(_ values: [PickleGraph.Reference]) throws(CheckpointError) {
    guard let target = stack.last, case .dictionary(var entries) = graph.nodes[target] else {
      throw fail("an entry is set in what is no dictionary")
    }
    guard values.count.isMultiple(of: 2) else { throw fail("a key of a dictionary has no value") }
    graph.nodes[target] = .none
    for place in stride(from: 0, to: values.count, by: 2) {
      entries.append(PickleGraph.Entry(key: values[place], value: values[place + 1]))
    }
    graph.nodes[target] = .dictionary(entries)
  }

  private mutating func pushGlobal(_ module: String, _ name: String) throws(CheckpointError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw fail(
        "it refers to \(module.prefix(100)).\(name.prefix(100)), which is not among the names that tensors need; nothing was run"
      )
    }
    try push(.global(global))
  }

  /// The storage that a persistent identifier names: ('storage', type, key, device, count).
  private mutating func storage(_ identifier: PickleGraph.Reference) throws(CheckpointError) -> PickleGraph.Node {
    guard let parts = graph.elements(identifier), parts.count == 5 || parts.count == 6,
      graph.string(parts[0]) == "storage", case .global(let global) = graph.nodes[parts[1]],
      let key = graph.string(parts[2]), let count = graph.integer(parts[4]), count >= 0
    else { throw fail("a storage is not described as PyTorch does") }
    if parts.count == 6 {
      guard case .none = graph.nodes[parts[5]] else { throw fail("a storage is a view of another, as in PyTorch 0.1") }
    }
    let type: ElementType?
    switch global {
    case .storage(let element): type = element
    case .untypedStorage: type = nil
    default: throw fail("a storage has a type that is none of PyTorch's storages")
    }
    if let place = storagePlaces[ExactString(key)] {
      guard graph.storages[place].type == type, graph.storages[place].count == count else {
        throw fail("the storage '\(key)' is described in two ways")
      }
      return .storage(place)
    }
    storagePlaces[ExactString(key)] = graph.storages.count
    graph.storages.append(PickleGraph.Storage(key: key, type: type, count: count))
    return .storage(graph.storages.count - 1)
  }
}
