// Where and when a record was made: the part of a record that two runs with the same seed may differ in.

import Foundation
import Tensors

/// The machine, the tools and the time of a run.
public struct RunEnvironment: Sendable, Hashable, Codable {
  /// The date and time at which the record was made, in ISO 8601 and UTC.
  public var date: String

  /// How long the claim's experiment took: the sum over its seeds, in seconds.
  public var seconds: Double

  /// The name of the machine.
  public var host: String

  /// The operating system and its version.
  public var system: String

  /// The processor's name.
  public var cpu: String

  /// How many seeds were observed at once.
  public var jobs: Int

  /// The commit at HEAD, `unknown` outside a repository; uncommitted changes do not show.
  public var commit: String

  /// The version of the Swift compiler.
  public var swift: String

  /// The linear-algebra library.
  public var blas: Library

  /// A linear-algebra library as it was used.
  public struct Library: Sendable, Hashable, Codable {
    /// The version of OpenBLAS.
    public var version: String

    /// The kernel that it picked for the processor.
    public var kernel: String

    /// The threads of one product.
    public var threads: Int
  }

  /// Describes this process, now, for the package at `root`.
  static func current(root: URL, jobs: Int) -> RunEnvironment {
    RunEnvironment(
      date: now(), seconds: 0, host: ProcessInfo.processInfo.hostName,
      system: ProcessInfo.processInfo.operatingSystemVersionString, cpu: cpuName(), jobs: jobs,
      commit: commit(root: root), swift: compilerVersion,
      blas: Library(version: BLAS.version, kernel: BLAS.coreName, threads: BLAS.threads))
  }

  /// The time of the call, in ISO 8601 and UTC.
  static func now() -> String {
    Date.now.formatted(.iso8601)
  }

  /// The compiler's version, as finely as the language lets a program ask for it.
  private static var compilerVersion: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  private static func cpuName() -> String {
    #if os(Linux)
      let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
      let name = lines.first { $0.hasPrefix("model name") }?.split(separator: ":").last
      return name.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
    #else
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      guard size > 1 else { return "unknown" }
      var bytes = [UInt8](repeating: 0, count: size)
      sysctlbyname("machdep.cpu.brand_string", &bytes, &size, nil, 0)
      return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    #endif
  }

  /// The commit that HEAD points to, read from the repository's files; `unknown` where there is none.
  static func commit(root: URL) -> String {
    func text(_ url: URL) -> String? {
      (try? String(contentsOf: url, encoding: .utf8))?.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    func folder(_ path: String, from base: URL) -> URL {
      path.hasPrefix("/") ? URL(filePath: path) : base.appending(path: path)
    }
    var folderOfHead = root.appending(path: ".git")
    if let link = text(folderOfHead), link.hasPrefix("gitdir: ") {
      folderOfHead = folder(String(link.dropFirst(8)), from: root)  // a worktree's .git is a file
    }
    guard let head = text(folderOfHead.appending(path: "HEAD")) else { return "unknown" }
    guard head.hasPrefix("ref: ") else { return head }
    let name = String(head.dropFirst(5))
    let common = text(folderOfHead.appending(path: "commondir")).map { folder($0, from: folderOfHead) } ?? folderOfHead
    if let commit = text(common.appending(path: name)) { return commit }
    let packed = text(common.appending(path: "packed-refs"))?.split(separator: "\n") ?? []
    return packed.first { $0.hasSuffix(" \(name)") }.map { String($0.prefix { $0 != " " }) } ?? "unknown"
  }
}
