import Foundation
import Testing

@testable import Replications

@Suite("Fetching assets", .enabled(if: hasCurl, "curl is not installed")) struct AssetFetcherTests {
  private let bytes = Self.bytes
  private static let bytes = Data((0..<30_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 7) })

  private func asset(_ url: String, derivation: String? = nil) -> Asset {
    Asset(
      id: "model", file: "some/model.bin", url: url, sha256: SHA256.hexadecimal(bytes), bytes: bytes.count,
      licence: "MIT", derivation: derivation)
  }

  /// Fetches from a server and looks at what is in the cache then.
  private func fetch(
    part: Data? = nil, stallLimit: Int = 5, attempts: Int = 4,
    _ answer: @escaping @Sendable (FaultyServer.Request, Int) -> FaultyServer.Answer
  ) async throws -> (error: String?, files: [String: Data], requests: [FaultyServer.Request]) {
    try await withTemporaryFolder { folder in
      let server = try FaultyServer(answer)
      let asset = asset(server.url("model.bin"))
      if let part {
        try folder.write("", to: ".partial/\(asset.sha256).part")
        try part.write(to: folder.appending(path: ".partial/\(asset.sha256).part"))
      }
      var message: String?
      do throws(FetchError) {
        let file = try AssetFetcher(into: folder, attempts: attempts, stallLimit: stallLimit).fetch(asset)
        #expect(file.path == folder.path + "/some/model.bin")
      } catch {
        message = error.description.replacing(server.url(""), with: "SERVER/")
      }
      let files = try folder.files.map { ($0, try Data(contentsOf: folder.appending(path: $0))) }
      return (message, Dictionary(uniqueKeysWithValues: files), server.requests)
    }
  }

  @Test("a file arrives whole under its name, and nothing else is left")
  func arrives() async throws {
    let result = try await fetch { [bytes] _, _ in .bytes(bytes) }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes])
    #expect(result.requests == [.init(path: "model.bin", offset: nil)])
  }

  @Test("a redirection is followed, and one that goes round in circles is given up")
  func redirects() async throws {
    let result = try await fetch { [bytes] request, _ in
      request.path == "model.bin" ? .redirect("there") : .bytes(bytes)
    }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes])
    let circle = try await fetch { _, _ in .redirect("model.bin") }
    #expect(circle.error?.contains("could not be read: curl: (47)") == true && circle.files == [:])
  }

  @Test("a transfer that is cut short goes on where it ended")
  func truncated() async throws {
    let result = try await fetch { [bytes] _, count in count < 2 ? .cut(bytes, after: 10_000) : .bytes(bytes) }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes])
    #expect(result.requests.map(\.offset) == [nil, 10_000, 20_000])
  }

  @Test("a transfer that stalls is broken off and goes on where it ended")
  func stalls() async throws {
    let result = try await fetch(stallLimit: 1) { [bytes] _, count in
      count == 0 ? .stalled(bytes, after: 5_000) : .bytes(bytes)
    }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes])
    #expect(result.requests.map(\.offset) == [nil, 5_000])
  }

  @Test("what arrived before all attempts were spent is kept, and the next fetch begins there")
  func resumes() async throws {
    let broken = try await fetch(attempts: 2) { [bytes] _, _ in .cut(bytes, after: 1000) }
    #expect(
      broken.error?.hasPrefix("model: 2000 of 30000 bytes of SERVER/model.bin arrived in 2 attempts (curl: (18)")
        == true)
    #expect(Array(broken.files.values) == [bytes.prefix(2000)])
    let result = try await fetch(part: bytes.prefix(2000)) { [bytes] _, _ in .bytes(bytes) }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes])
    #expect(result.requests.map(\.offset) == [2000])
  }

  @Test("a part that is whole needs no server, only its name")
  func wholePart() async throws {
    let result = try await fetch(part: bytes) { _, _ in .hangUp }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes] && result.requests == [])
  }

  @Test("other bytes are refused, and nothing of them is left")
  func corrupt() async throws {
    var other = bytes
    other[123] ^= 1
    let result = try await fetch { [other] _, _ in .bytes(other) }
    #expect(
      result.error
        == "model: SERVER/model.bin is another file and was not kept: its SHA-256 is "
        + "\(SHA256.hexadecimal(other)), expected \(SHA256.hexadecimal(bytes))")
    #expect(result.files == [:])
  }

  @Test("more bytes than were stated are refused without waiting for their end")
  func tooLong() async throws {
    let result = try await fetch { [bytes] _, _ in .stalled(bytes + Data(count: 1 << 20), after: bytes.count + 7_000) }
    #expect(result.error?.hasSuffix("was not kept: it has more than 30000 bytes") == true && result.files == [:])
  }

  @Test("a part of another file is thrown away, once, and the whole fetched")
  func wrongPart() async throws {
    let result = try await fetch(part: Data(count: 5000)) { [bytes] _, _ in .bytes(bytes) }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes])
    #expect(result.requests.map(\.offset) == [5000, nil])
    let longer = try await fetch(part: Data(count: 40_000)) { [bytes] _, _ in .bytes(bytes) }
    #expect(longer.error == nil && longer.requests.map(\.offset) == [nil])
  }

  @Test("a server without ranges is asked for the whole again")
  func noRanges() async throws {
    let result = try await fetch(part: bytes.prefix(5000)) { [bytes] _, _ in .withoutRanges(bytes) }
    #expect(result.error == nil && result.files == ["some/model.bin": bytes])
    #expect(result.requests.map(\.offset) == [5000, nil])
  }

  @Test("a missing file is given up at once, a server's failure is tried again")
  func statuses() async throws {
    let missing = try await fetch { _, _ in .status(404) }
    #expect(missing.error?.hasSuffix("The requested URL returned error: 404") == true)
    #expect(missing.requests.count == 1 && missing.files == [:])
    let silent = try await fetch(attempts: 2) { _, _ in .hangUp }
    #expect(silent.error?.contains("model: 0 of 30000 bytes") == true && silent.files == [:])
    let passing = try await fetch { [bytes] _, count in [.status(503), .hangUp, .bytes(bytes)][count] }
    #expect(passing.error == nil && passing.requests.count == 3)
  }

  @Test("a folder and a file:// address serve as mirrors, for derived files too; a wrong file there is refused")
  func mirrors() async throws {
    try await withTemporaryFolder { folder in
      let stick = folder.appending(path: "a stick")
      try stick.write("", to: "some/model.bin")
      try bytes.write(to: stick.appending(path: "some/model.bin"))
      let derived = asset("https://example.org/parts", derivation: "joined")
      for mirror in [stick.path, stick.absoluteString] {
        let cache = folder.appending(path: UUID().uuidString)
        let file = try AssetFetcher(into: cache, mirror: AssetMirror(mirror)).fetch(derived)
        #expect(try Data(contentsOf: file) == bytes && cache.files == ["some/model.bin"])
      }
      let cache = folder.appending(path: "cache")
      func message(_ fetcher: AssetFetcher) -> String? {
        #expect(throws: FetchError.self) { try fetcher.fetch(derived) }?.description
      }
      #expect(
        message(AssetFetcher(into: cache))?.hasPrefix("model cannot be downloaded: it was made of what lies") == true)
      try Data(count: bytes.count).write(to: stick.appending(path: "some/model.bin"))
      #expect(
        message(.init(into: cache, mirror: .init(stick.path)))?.contains("is another file and was not kept") == true)
      #expect(
        message(.init(into: cache, mirror: .init(folder.path)))
          == "model: \(folder.path)/some/model.bin could not be read: there is no such file")
      #expect(cache.files == [])
    }
  }

  @Test("two processes do not write one file")
  func locked() async throws {
    try await withTemporaryFolder { folder in
      let fetcher = AssetFetcher(into: folder)
      let server = try FaultyServer { [bytes] _, _ in .bytes(bytes) }
      let asset = asset(server.url("model.bin"))
      var inner: String?
      _ = try fetcher.fetch(asset) { _ in
        guard inner == nil else { return }
        inner = #expect(throws: FetchError.self) { try fetcher.fetch(asset) }?.description
      }
      #expect(inner == "model is being fetched by another process")
      #expect(folder.files == ["some/model.bin"])
    }
  }

  @Test("progress goes from the first piece to the whole")
  func progress() async throws {
    try await withTemporaryFolder { folder in
      let server = try FaultyServer { [bytes] _, _ in .bytes(bytes) }
      var received: [Int] = []
      _ = try AssetFetcher(into: folder).fetch(asset(server.url("model.bin"))) { received.append($0.received) }
      #expect(received == received.sorted() && received.last == bytes.count && (received.first ?? 0) > 0)
    }
  }
}

/// Whether the program that downloads is here.
private let hasCurl = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
  FileManager.default.isExecutableFile(atPath: "\($0)/curl")
}
