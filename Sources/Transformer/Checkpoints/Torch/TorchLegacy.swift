// What `torch.save` wrote before PyTorch 1.6: five pickles in a row, then the storages.
//
// The pickles are a magic number, the protocol's version (1001), the writer's machine, the object, and the keys of the
// storages in their order. Each storage is its number of elements in 64 bits and the elements.

/// Reads the table of contents of a legacy PyTorch file.
enum TorchLegacy {
  /// The rest of the first pickle behind its protocol: the number 0x1950a86a20f9469cfc6c.
  static let magic: [UInt8] = [
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e,
  ]
  /// What protocols 4 and 5 put before it: a frame of its length.
  private static let frame: [UInt8] = [0x95, UInt8(magic.count), 0, 0, 0, 0, 0, 0, 0]

  /// The length of the first pickle, by the protocol that it says it has; nil for what is no such file.
  static func magicLength(of start: [UInt8]) -> Int? {
    guard start.count > 1, start[0] == 0x80 else { return nil }
    let magic: [UInt8]
    switch start[1] {
    case 2, 3: magic = Self.magic
    case 4, 5: magic = frame + Self.magic
    default: return nil
    }
    return start.dropFirst(2).starts(with: magic) ? 2 + magic.count : nil
  }

  static func contents(of file: RegularFile, from first: Int) throws(CheckpointError) -> CheckpointContents {
    let path = file.path
    func fail(_ reason: String) -> CheckpointError { CheckpointError(file: path, reason: reason) }
    let region = ByteRegion(source: .file(file), start: 0, count: file.size)
    let version = try PickleMachine.read(region, from: first, file: path)
    guard version.graph.integer(version.graph.root) == 1001 else {
      throw fail("is a legacy PyTorch file of another version than 1001")
    }
    let machine = try PickleMachine.read(region, from: version.end, file: path)
    for entry in machine.graph.entries(machine.graph.root) ?? []
    where machine.graph.string(entry.key) == "little_endian" {
      if case .bool(false) = machine.graph.nodes[entry.value] { throw fail("is not little-endian") }
    }
    let object = try PickleMachine.read(region, from: machine.end, file: path)
    let keys = try PickleMachine.read(region, from: object.end, file: path)
    guard let list = keys.graph.elements(keys.graph.root) else { throw fail("has no list of storages") }

    var places: [ExactString: Int] = [:]
    for (place, storage) in object.graph.storages.enumerated() { places[ExactString(storage.key)] = place }
    var regions = [ByteRegion?](repeating: nil, count: object.graph.storages.count)
    var place = keys.end
    for reference in list {
      guard let key = keys.graph.string(reference), let storageAt = places[ExactString(key)] else {
        throw fail("lists a storage that no tensor has")
      }
      let storage = object.graph.storages[storageAt]
      guard file.size - place >= 8 else { throw fail("ends before the storage '\(key)'") }
      let count = try file.bytes(place..<place + 8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      guard count == UInt64(storage.count), let bytes = storage.byteCount, bytes <= file.size - place - 8 else {
        throw fail("has \(count) elements in the storage '\(key)'; \(storage.count) were expected, within the file")
      }
      guard regions[storageAt] == nil else { throw fail("has the storage '\(key)' twice") }
      regions[storageAt] = ByteRegion(source: .file(file), start: place + 8, count: bytes)
      place += 8 + bytes
    }
    guard place == file.size else { throw fail("has \(file.size - place) bytes after its last storage") }
    let found = regions.compactMap { $0 }
    guard found.count == regions.count else { throw fail("lacks a storage that a tensor needs") }
    return try CheckpointContents(object.graph, found, file: path)
  }
}
