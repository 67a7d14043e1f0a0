import Foundation
import Testing

@testable import Replications

@Suite("Bundles of evidence") struct EvidenceBundleTests {
  @Test("a bundle holds everything, gives the same bytes twice, and is what it says")
  func packs() async throws {
    try await withBundle { bundle, folder in
      #expect(
        bundle.files.keys.sorted() == [
          "README.md", "claims.yaml", "configuration.json", "data/Pentagon.csv", "environment.json",
          "figures/Pentagon.svg", "manifest.json", "record.json",
        ])
      let url = folder.appending(path: "out/x.tar.zst")
      try bundle.write(to: url)
      #expect(try Data(contentsOf: url) == bundle.archive())
      let read = try EvidenceBundle(contentsOf: url)
      #expect(read.problems() == [] && read.files == bundle.files && read.record.claim.id == "demo.pentagon.gaps")
      #expect(try read.archive() == bundle.archive())
    }
  }

  @Test("a name says whether it is a .tar.zst or a .zip, and both are read; any other is refused")
  func formats() async throws {
    try await withBundle { bundle, folder in
      let url = folder.appending(path: "x.zip")
      try bundle.write(to: url)
      #expect(try Data(contentsOf: url).prefix(2) == Data("PK".utf8))
      let read = try EvidenceBundle(contentsOf: url)
      #expect(read.problems() == [] && read.files == bundle.files)
      let error = #expect(throws: BundleError.self) { try bundle.write(to: folder.appending(path: "x.tgz")) }
      #expect(error?.description == "\(folder.path)/x.tgz is no name of an archive: it must end in .tar.zst or .zip")
    }
  }

  @Test("a claim without a record, or whose claim has changed since, cannot be packed")
  func stale() async throws {
    try await withPackage { folder in
      let workspace = try Workspace(root: folder)
      let library = try workspace.library()
      let claim = try #require(library.claim("demo.pentagon.gaps"))
      let evidence = Evidence(folder: workspace.evidence)
      func message() -> String? {
        let error = #expect(throws: BundleError.self) {
          try EvidenceBundle(of: claim, evidence: evidence, workspace: workspace)
        }
        return error?.description
      }
      #expect(message()?.hasSuffix("does not exist: run the claim first, `replicate run demo.pentagon.gaps`") == true)
      try await demoRecord(.demo(), in: workspace.evidence)
      #expect(message()?.hasPrefix("the record of demo.pentagon.gaps is of another claim than is stated") == true)
      try await demoRecord(claim, in: workspace.evidence)
      try FileManager.default.removeItem(at: folder.appending(path: "evidence/Demo/PentagonGaps.svg"))
      #expect(message()?.contains("Demo/PentagonGaps.svg is missing or cannot be read") == true)
    }
  }

  @Test("a byte that changed, a file too many and one too few are each named")
  func hashes() async throws {
    try await withBundle { bundle, folder in
      func problems(_ path: String, _ data: Data?) throws -> [String] {
        var files = bundle.files
        files[path] = data
        return try self.problems(files, folder)
      }
      let altered = try problems("data/Pentagon.csv", Data("1\n".utf8))
      #expect(altered.count == 1 && altered[0].hasPrefix("data/Pentagon.csv is another file: its SHA-256 is "))
      #expect(try problems("data/more.csv", Data()) == ["data/more.csv is not in the manifest"])
      #expect(try problems("figures/Pentagon.svg", nil) == ["figures/Pentagon.svg is missing"])
    }
  }

  @Test("a verdict that does not follow from the values is found, though all hashes are right")
  func tampered() async throws {
    try await withBundle { bundle, folder in
      func problems(_ path: String, _ old: String, _ new: String) throws -> [String] {
        var files = bundle.files
        let text = String(decoding: try #require(files[path]), as: UTF8.self)
        #expect(text.contains(old))
        files[path] = Data(text.replacing(old, with: new).utf8)
        return try self.problems(resealed(files), folder)
      }
      let outcome = try problems("record.json", "\"outcome\" : \"reproduced\"", "\"outcome\" : \"notReproduced\"")
      #expect(
        outcome.contains { $0.hasPrefix("record.json says not reproduced, and its values are judged as reproduced") })
      #expect(outcome.contains("record.json says wrongly whether its verdict was expected"))
      #expect(
        try problems("record.json", "\"margin\" : 1", "\"margin\" : 2") == [
          "claims.yaml does not state the claim that record.json was judged by"
        ])
      #expect(
        try problems("environment.json", "\"jobs\" : 0", "\"jobs\" : 8") == ["environment.json and record.json differ"])
      #expect(
        try problems("configuration.json", "\"steps\" : 10", "\"steps\" : 11") == [
          "configuration.json and record.json differ"
        ])
      var files = bundle.files
      files["figures/Pentagon.svg"] = nil
      #expect(
        try self.problems(resealed(files), folder) == ["figures/Pentagon.svg is missing, and the record names it"])
    }
  }

  @Test("what is no bundle is an error that says what it lacks")
  func noBundle() async throws {
    try await withTemporaryFolder { folder in
      let url = folder.appending(path: "x.tar.zst")
      try ArchiveWriter.archive([ArchivedFile(path: "x", data: Data())]).write(to: url)
      let error = #expect(throws: BundleError.self) { try EvidenceBundle(contentsOf: url) }
      #expect(error?.description == "\(url.path) holds no manifest.json")
      try ArchiveWriter.archive([ArchivedFile(path: "manifest.json", data: Data("[]".utf8))]).write(to: url)
      let broken = #expect(throws: BundleError.self) { try EvidenceBundle(contentsOf: url) }
      #expect(broken?.description.hasPrefix("\(url.path): manifest.json cannot be read: ") == true)
    }
  }

  @Test("run again on this machine, every bit comes out again, figures included")
  func rerun() async throws {
    try await withBundle { bundle, folder in
      let result = try await rerun(bundle, folder)
      #expect(result.isBitwise && result.differences == [] && result.problems == [])
      #expect(result.change.kind == .identical)
    }
  }

  @Test("run again on this machine, other bits are a problem though the verdict stands")
  func rerunOtherBits() async throws {
    try await withBundle { bundle, folder in
      let result = try await rerun(bundle, folder, .constant(72.25))
      #expect(result.problems.count == 2)
      #expect(result.problems[0].hasPrefix("on the same machine the values are not the same bits: seed 0 gave 72."))
      #expect(result.problems[1] == "data/Pentagon.csv was drawn differently")
    }
  }

  @Test("from another machine, the claim's rule decides")
  func rerunElsewhere() async throws {
    try await withBundle(kernel: "Atom") { bundle, folder in
      let same = try await rerun(bundle, folder, .constant(72.25))
      #expect(!same.isBitwise && same.problems == [] && same.differences.count == 1)
      #expect(same.differences[0].contains("Atom, here "))
      let other = try await rerun(bundle, folder, .constant(60))
      #expect(other.problems.first?.hasPrefix("the verdict was reproduced, now not reproduced: ") == true)
    }
  }

  @Test("a package with another version of the claim, or without it, cannot run it again")
  func rerunRefused() async throws {
    try await withBundle { bundle, folder in
      func message(_ claims: [Claim]) async -> String? {
        await #expect(throws: BundleError.self) {
          try await bundle.rerun(
            library: .demo(claims), registry: .demo(FakeExperiment.pentagon), assets: .none, root: folder)
        }?.description
      }
      #expect(await message([]) == "this package states no claim demo.pentagon.gaps")
      #expect(
        await message([.demo("demo.pentagon.gaps", .value(published: 72, margin: 3))])?.contains(
          "(72 ± 1) in the bundle, and of version 1 (72 ± 3) in this package") == true)
      #expect(
        await message([.demo(tier: .long)]) ?? "" == "demo.pentagon.gaps could not be run again: it is of tier long, "
          + "and the run's tier is standard")
    }
  }

  private func rerun(
    _ bundle: EvidenceBundle, _ folder: URL, _ experiment: FakeExperiment = .pentagon
  ) async throws -> BundleRerun {
    let library = try Workspace(root: folder).library()
    return try await bundle.rerun(
      library: library, registry: .demo(experiment), assets: .none, root: folder, jobs: 1)
  }

  /// The problems of a bundle of these files.
  private func problems(_ files: [String: Data], _ folder: URL) throws -> [String] {
    let url = folder.appending(path: "altered.tar.zst")
    try ArchiveWriter.archive(files.sorted { $0.key < $1.key }.map { ArchivedFile(path: $0.key, data: $0.value) })
      .write(to: url)
    return try EvidenceBundle(contentsOf: url).problems()
  }

  /// The files with a manifest that has their hashes, as a forger would make it.
  private func resealed(_ files: [String: Data]) throws -> [String: Data] {
    var files = files
    let sealed = try #require(files["manifest.json"])
    let old = try RecordCoding.decode(EvidenceBundle.Manifest.self, from: sealed)
    files["manifest.json"] = nil
    let manifest = EvidenceBundle.Manifest(
      schemaVersion: old.schemaVersion, claim: old.claim, version: old.version,
      files: files.mapValues(EvidenceBundle.Manifest.Entry.init))
    files["manifest.json"] = try RecordCoding.encode(manifest)
    return files
  }

  /// Calls a function with the bundle of a run of the demonstration's pentagon, in a package's folder, as
  /// if it had run with another matrix kernel if told so.
  private func withBundle(
    kernel: String? = nil, _ body: (EvidenceBundle, URL) async throws -> Void
  ) async throws {
    try await withPackage { folder in
      let workspace = try Workspace(root: folder)
      let library = try workspace.library()
      let claim = try #require(library.claim("demo.pentagon.gaps"))
      let session = Session(
        library: library, registry: .demo(FakeExperiment.pentagon),
        settings: RunSettings(rootSeed: 3, jobs: 1, evidence: workspace.evidence), root: folder)
      let record = try #require(try await session.outcome(of: claim).record)
      var environment = record.environment
      environment.blas.kernel = kernel ?? environment.blas.kernel
      try session.evidence.write(
        Record(
          schemaVersion: record.schemaVersion, claim: record.claim, verdict: record.verdict,
          experiment: record.experiment, measurement: record.measurement, assets: record.assets,
          figures: record.figures, environment: environment))
      try await body(try EvidenceBundle(of: claim, evidence: session.evidence, workspace: workspace), folder)
    }
  }
}
