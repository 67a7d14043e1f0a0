import Foundation
import Testing

@testable import Replications

@Suite("Files that are whole or absent") struct AtomicFileTests {
  @Test("a file is written with its folders, replaces an older one, and leaves nothing else")
  func writes() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "a/b/c.json")
      try AtomicFile.write(Data("old and long".utf8), to: url)
      try AtomicFile.write(Data("new".utf8), to: url)
      #expect(try String(contentsOf: url, encoding: .utf8) == "new")
      #expect(folder.files == ["a/b/c.json"])
    }
  }

  @Test("a file where the folder should be is an error that names it")
  func fileInTheWay() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("x", to: "evidence")
      let url = folder.appending(path: "evidence/record.json")
      let error = #expect(throws: EvidenceError.self) { try AtomicFile.write(Data(), to: url) }
      #expect(
        error?.description
          == "\(folder.path)/evidence could not be written: it is a file, and a folder is needed")
    }
  }

  @Test("a folder that cannot be written is an error that names it")
  func unwritable() {
    let error = #expect(throws: EvidenceError.self) {
      try AtomicFile.write(Data("x".utf8), to: URL(filePath: "/proc/replications/record.json"))
    }
    #expect(error?.description.hasPrefix("/proc/replications could not be written: ") == true)
    let inside = #expect(throws: EvidenceError.self) {
      try AtomicFile.write(Data("x".utf8), to: URL(filePath: "/proc/record.json"))
    }
    #expect(inside?.description.hasPrefix("/proc/record.json could not be written: ") == true)
  }

  @Test("a folder in the place of the file is an error, and no temporary file stays")
  func folderInTheWay() async throws {
    try await withTemporaryFolder { folder in
      try folder.write("x", to: "record.json/inside")
      #expect(throws: EvidenceError.self) {
        try AtomicFile.write(Data("x".utf8), to: folder.appending(path: "record.json"))
      }
      #expect(folder.files == ["record.json/inside"])
    }
  }

  @Test("a full disk is an error; the older file stays whole and no part of the new one is left")
  func fullDisk() async throws {
    try await withTemporaryFolder { folder in
      guard mount(folder) else {
        try Test.cancel("a small disk can be mounted only by root on Linux")
      }
      defer { unmount(folder) }
      let url = folder.appending(path: "record.json")
      try AtomicFile.write(Data("whole".utf8), to: url)
      let error = #expect(throws: EvidenceError.self) {
        try AtomicFile.write(Data(repeating: 0x61, count: 64 << 10), to: url)
      }
      #expect(error?.description == "\(url.path) could not be written: No space left on device")
      #expect(folder.files == ["record.json"])
      #expect(try String(contentsOf: url, encoding: .utf8) == "whole")
    }
  }

  /// Mounts a disk of 16 KiB on a folder.
  private func mount(_ folder: URL) -> Bool {
    run("mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder.path)
  }

  private func unmount(_ folder: URL) {
    _ = run("umount", folder.path)
  }

  private func run(_ arguments: String...) -> Bool {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }
}
