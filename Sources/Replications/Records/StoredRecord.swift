// All records of a folder of evidence at once, for whoever joins, compares, packs or counts them.

import Foundation

/// A record as a file of a folder of evidence.
public struct StoredRecord: Sendable, Hashable {
  /// The file.
  public let url: URL

  /// The path under the folder of evidence, `<Finding>/<claim>.json`.
  public let path: String

  /// The bytes of the file.
  public let data: Data

  /// What the bytes say.
  public let record: Record
}

/// Why a folder of evidence cannot be read as a whole.
public struct EvidenceReadError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The sentence that a person reads; it names the file.
  public let description: String
}

extension Evidence {
  /// The largest record that is read, in bytes.
  static let recordLimit = 16 << 20

  /// All records under the folder, by the ids of their claims.
  ///
  /// A record whose file is not where its claim's record belongs is an error, as is a folder that is not there.
  public func storedRecords() throws(EvidenceReadError) -> [StoredRecord] {
    var records: [StoredRecord] = []
    for finding in try Self.names(in: folder) where finding.isTypeName {
      let files = try Self.names(in: folder.appending(path: finding)).filter { $0.hasSuffix(".json") }
      for name in files where !name.hasPrefix(".") {
        do throws(RecordFileError) {
          records.append(try storedRecord(at: "\(finding)/\(name)"))
        } catch {
          throw EvidenceReadError(description: error.description)
        }
      }
    }
    return records.sorted { $0.record.claim.id < $1.record.claim.id }
  }

  private func storedRecord(at path: String) throws(RecordFileError) -> StoredRecord {
    let url = folder.appending(path: path)
    let data = try Self.bytes(of: url)
    let record = try Self.record(in: data, path: url.path)
    guard path == "\(record.claim.finding)/\(record.claim.id).json" else {
      let place = "\(record.claim.finding)/\(record.claim.id).json"
      throw RecordFileError(path: url.path, reason: "it is the record of another claim, whose place is \(place)")
    }
    return StoredRecord(url: url, path: path, data: data, record: record)
  }

  /// A record in bytes that errors call `path`.
  static func record(in data: Data, path: String) throws(RecordFileError) -> Record {
    do {
      let record = try Record(decoding: data)
      guard record.schemaVersion == Record.currentSchemaVersion else {
        let reason = "its schema has version \(record.schemaVersion), and \(Record.currentSchemaVersion) is read here"
        throw RecordFileError(path: path, reason: reason)
      }
      return record
    } catch let error as RecordFileError {
      throw error
    } catch {
      throw RecordFileError(path: path, reason: "\(error)")
    }
  }

  private static func bytes(of url: URL) throws(RecordFileError) -> Data {
    let data: Data?
    do {
      let handle = try FileHandle(forReadingFrom: url)
      defer { try? handle.close() }
      data = try handle.read(upToCount: recordLimit + 1)
    } catch {
      throw RecordFileError(path: url.path, reason: "it cannot be opened")
    }
    guard let data, data.count <= recordLimit else {
      throw RecordFileError(path: url.path, reason: "it is empty or larger than \(recordLimit) bytes")
    }
    return data
  }

  /// The names in a folder, in order; a file where a folder should be has none.
  private static func names(in folder: URL) throws(EvidenceReadError) -> [String] {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else {
      throw EvidenceReadError(description: "\(folder.path): there is no such folder of evidence")
    }
    guard isFolder.boolValue else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    } catch {
      throw EvidenceReadError(description: "\(folder.path): the folder cannot be listed")
    }
  }
}
