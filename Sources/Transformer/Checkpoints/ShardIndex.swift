// The index of a checkpoint in several files: `model.safetensors.index.json` and `pytorch_model.bin.index.json`.
//
// {"metadata": {…}, "weight_map": {"name of a tensor": "name of a file beside the index", …}}

/// Reads an index and the tables of contents of the files that it names.
enum ShardIndex {
  static func contents(of file: RegularFile) throws(CheckpointError) -> CheckpointContents {
    func fail(_ reason: String) -> CheckpointError { CheckpointError(file: file.path, reason: reason) }
    let index = try JSONValue(file: file.path, bytes: try file.bytes(0..<file.size))
    guard let map = index["weight_map"]?.object else {
      throw fail("is JSON, but no index of a checkpoint: it has no object 'weight_map'")
    }
    let folder = file.path.lastIndex(of: "/").map { String(file.path[...$0]) } ?? ""
    var shards: [ExactString: (contents: CheckpointContents, places: [ExactString: Int])] = [:]
    var result: CheckpointContents?
    for member in map.members {
      guard let name = member.value.string else { throw fail("names no file for the tensor '\(member.key)'") }
      // A hostile index must not reach out of its folder.
      guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")) else {
        throw fail("names the file '\(name)' for the tensor '\(member.key)'; a file beside the index was expected")
      }
      let key = ExactString(name)
      if shards[key] == nil {
        let contents = try CheckpointContents(file: try RegularFile(path: folder + name), allowsIndex: false)
        var places: [ExactString: Int] = [:]
        for (place, record) in contents.records.enumerated() { places[ExactString(record.name)] = place }
        shards[key] = (contents, places)
        if result == nil {
          result = CheckpointContents(format: contents.format)
          result?.metadata = contents.metadata
        }
      }
      guard let shard = shards[key], let place = shard.places[ExactString(member.key)] else {
        throw fail("says that '\(name)' holds the tensor '\(member.key)', which it does not")
      }
      result?.records.append(shard.contents.records[place])
    }
    guard let result else { throw fail("names no tensor") }
    return result
  }
}
