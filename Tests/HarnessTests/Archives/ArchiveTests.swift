import Foundation
import Testing

@testable import Replications

@Suite("Archives") struct ArchiveTests {
  private let files = [
    ArchivedFile(path: "b.txt", data: Data("second".utf8)), ArchivedFile(path: "a/x.txt", data: Data()),
    ArchivedFile(path: "a/large", data: Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) })),
  ]

  @Test("what is written is read again, in its order, and twice gives the same bytes")
  func roundTrip() async throws {
    try await withTemporaryFolder { folder in
      let bytes = try ArchiveWriter.archive(files)
      #expect(try ArchiveWriter.archive(files) == bytes)
      let url = folder.appending(path: "x.tar.zst")
      try bytes.write(to: url)
      #expect(try ArchiveReader.files(of: url) == files)
      let zip = try ArchiveWriter.archive(files, as: .zip)
      #expect(try ArchiveWriter.archive(files, as: .zip) == zip)
      // The first entry's time in MS-DOS's form: midnight of 1980-01-01, whatever the time zone.
      #expect(zip[10..<14] == Data([0, 0, 0x21, 0]))
      try zip.write(to: url)
      #expect(try ArchiveReader.files(of: url) == files)
    }
  }

  @Test("tar and zstd, where they are installed, read it too")
  func otherTools() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "x.tar.zst")
      try ArchiveWriter.archive(files).write(to: url)
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "command -v tar zstd >/dev/null || exit 77; zstd -dcq x.tar.zst | TZ=UTC tar -tvf -"]
      process.currentDirectoryURL = folder
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let text = String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
      process.waitUntilExit()
      if process.terminationStatus == 77 { try Test.cancel("tar or zstd is not installed") }
      let lines = text.split(separator: "\n")
      #expect(
        lines.count == 3 && lines.allSatisfy { $0.contains("1980-01-01 00:00") && $0.hasPrefix("-rw-r--r-- 0/0") })
    }
  }

  @Test(
    "a path that could leave the folder, or mean another file elsewhere, is refused",
    arguments: ["../x", "a/../../x", "/etc/passwd", "a//b", "./a", "a/.", "c:\\x", "a\\b", "a\nb", "x/"])
  func paths(path: String) async throws {
    #expect(
      try await refusal([ArchivedFile(path: path, data: Data("x".utf8))])?.contains(" which is not a plain path")
        == true)
  }

  @Test("the same file twice is refused, also where only the case of its letters differs")
  func twice() async throws {
    let file = ArchivedFile(path: "a/B", data: Data())
    #expect(try await refusal([file, file])?.hasSuffix("has a/B twice") == true)
    #expect(try await refusal([file, ArchivedFile(path: "A/b", data: Data())])?.hasSuffix("has A/b twice") == true)
  }

  @Test("links, folders and devices are refused")
  func kinds() async throws {
    for (flag, name) in [("2", "symbolic link"), ("1", "hard link"), ("3", "device"), ("5", "folder"), ("6", "pipe")] {
      let message = try await refusal(of: Self.tar(path: "a", size: 0, kind: flag))
      #expect(message?.hasSuffix("has a, which is not a regular file") == true, "\(name): \(message ?? "read")")
    }
  }

  @Test("a size that no bundle has is refused before memory is asked for it")
  func sizes() async throws {
    let claimed = try await refusal(of: Self.tar(path: "a", size: 7 << 30, kind: "0"))
    #expect(claimed?.contains("claims 7516192768 bytes for a, and its files may have 268435456 in all") == true)
    // A megabyte of zeros is a few dozen bytes of Zstandard.
    let zeros = ArchivedFile(path: "a", data: Data(count: 1 << 20))
    var limits = ArchiveReader.Limits()
    limits.total = 1 << 19
    #expect(try await refusal([zeros], limits)?.contains("claims 1048576 bytes") == true)
    limits = ArchiveReader.Limits()
    limits.archive = 10
    #expect(try await refusal([zeros], limits)?.hasSuffix("is larger than 10 bytes, the most that is read") == true)
    limits = ArchiveReader.Limits()
    limits.count = 2
    #expect(try await refusal(files, limits)?.hasSuffix("holds more than 2 files") == true)
  }

  @Test("an archive that was cut short or altered is refused wherever that happened")
  func damage() async throws {
    try await withTemporaryFolder { folder in
      let bytes = try ArchiveWriter.archive(files)
      let url = folder.appending(path: "x.tar.zst")
      for length in stride(from: 0, to: bytes.count - 1, by: max(bytes.count / 40, 1)) {
        try bytes.prefix(length).write(to: url)
        let files = try? ArchiveReader.files(of: url)
        #expect(files.map { $0.count < 3 } ?? true, "\(length) of \(bytes.count) bytes")
      }
      try Data("no archive at all".utf8).write(to: url)
      #expect(throws: ArchiveError.self) { try ArchiveReader.files(of: url) }
      #expect(throws: ArchiveError.self) { try ArchiveReader.files(of: folder.appending(path: "none")) }
    }
  }

  private func refusal(_ files: [ArchivedFile], _ limits: ArchiveReader.Limits = .init()) async throws -> String? {
    try await refusal(of: ArchiveWriter.archive(files), limits)
  }

  private func refusal(of bytes: Data, _ limits: ArchiveReader.Limits = .init()) async throws -> String? {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "x.tar.zst")
      try bytes.write(to: url)
      return #expect(throws: ArchiveError.self) { try ArchiveReader.files(of: url, limits: limits) }?.description
    }
  }

  /// A tar of one header, written out field by field (POSIX.1-1988), without the bytes that it claims.
  private static func tar(path: String, size: Int, kind: String) -> Data {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at place: Int) { header.replaceSubrange(place..<place + text.utf8.count, with: text.utf8) }
    func octal(_ number: Int, _ width: Int) -> String {
      let digits = String(number, radix: 8)
      return String(repeating: "0", count: width - digits.count) + digits
    }
    put(path, at: 0)
    put(octal(0o644, 7), at: 100)
    put(octal(0, 7), at: 108)
    put(octal(0, 7), at: 116)
    put(octal(size, 11), at: 124)
    put(octal(0, 11), at: 136)
    put(kind, at: 156)
    if kind == "1" || kind == "2" { put("/etc/passwd", at: 157) }
    put("ustar\u{0}00", at: 257)
    put("        ", at: 148)
    put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\u{0} ", at: 148)
    return Data(header) + Data(count: 1024)
  }
}
