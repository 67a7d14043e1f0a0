// What `torch.save` writes since PyTorch 1.6: a zip archive with `data.pkl` and a file for each storage.
//
// Layout: <stem>/data.pkl, <stem>/byteorder (newer files), <stem>/data/<key> for the storage <key>, <stem>/version.

/// Reads the table of contents of a PyTorch zip file.
enum TorchZip {
  static func contents(of archive: ZipArchive) throws(CheckpointError) -> CheckpointContents {
    let path = archive.file.path
    func fail(_ reason: String) -> CheckpointError { CheckpointError(file: path, reason: reason) }
    let pickles = archive.entries.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first, pickles.count == 1, let pickleAt = archive.place(of: pickle.name) else {
      throw fail("has \(pickles.count) entries data.pkl; one was expected")
    }
    let stem = pickle.name.dropLast("data.pkl".count)
    var places: [ExactString: Int] = [:]
    for (place, entry) in archive.entries.enumerated() { places[ExactString(entry.name)] = place }

    if let place = places[ExactString(stem + "byteorder")] {
      let order = ByteRegion(source: .entry(archive, place), start: 0, count: archive.entries[place].size)
      guard order.count == 6, try order.bytes(0..<6) == Array("little".utf8) else {
        throw fail("is not little-endian")
      }
    }
    let region = ByteRegion(source: .entry(archive, pickleAt), start: 0, count: pickle.size)
    let (graph, end) = try PickleMachine.read(region, file: path)
    guard end == pickle.size else { throw fail("has \(pickle.size - end) bytes after the pickle in data.pkl") }

    var regions: [ByteRegion] = []
    for storage in graph.storages {
      guard let place = places[ExactString(stem + "data/" + storage.key)] else {
        throw fail("lacks the storage 'data/\(storage.key)'")
      }
      let size = archive.entries[place].size
      guard storage.byteCount == size else {
        throw fail("has \(size) bytes in 'data/\(storage.key)'; the pickle says \(storage.count) elements")
      }
      regions.append(ByteRegion(source: .entry(archive, place), start: 0, count: size))
    }
    return try CheckpointContents(graph, regions, file: path)
  }
}

extension PickleGraph.Storage {
  /// The number of its bytes, or nil when that is too large to count.
  var byteCount: Int? {
    let (bits, overflow) = count.multipliedReportingOverflow(by: type?.bits ?? 8)
    return overflow ? nil : bits / 8
  }
}

extension CheckpointContents {
  /// The contents that a pickle describes, given where its storages lie.
  init(_ graph: PickleGraph, _ storages: [ByteRegion], file: String) throws(CheckpointError) {
    self.init(format: .torch)
    let dictionary = try StateDictionary(graph, file: file)
    metadata = dictionary.scalars
    records = dictionary.tensors.map { name, place in
      let tensor = graph.tensors[place]
      return TensorRecord(
        name: name, type: tensor.type, layout: tensor.layout, region: storages[tensor.storage], file: file)
    }
  }
}
