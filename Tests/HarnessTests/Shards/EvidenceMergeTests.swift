import Foundation
import Testing

@testable import Replications

@Suite("Joining evidence") struct EvidenceMergeTests {
  private func message(_ folders: URL...) -> String? {
    #expect(throws: MergeError.self) { try EvidenceMerge(folders) }?.description
  }

  @Test("records, figures and their numbers of several folders come together in a new one")
  func joins() async throws {
    try await withTemporaryFolder { root in
      let (a, b, out) = (root.appending(path: "a"), root.appending(path: "b"), root.appending(path: "out"))
      try await demoRecord(.demo("demo.one"), in: a)
      try await demoRecord(.demo("demo.two"), in: b)
      try await demoRecord(.demo("demo.one"), in: b)  // the same bytes: nothing to object to
      let merge = try EvidenceMerge([a, b])
      #expect(merge.records.map(\.record.claim.id) == ["demo.one", "demo.two"] && merge.shardCount == nil)
      try merge.write(to: out)
      #expect(
        out.files == [
          "Demo/One.csv", "Demo/One.svg", "Demo/Two.csv", "Demo/Two.svg", "Demo/demo.one.json", "Demo/demo.two.json",
        ])
      #expect(
        FileManager.default.contentsEqual(
          atPath: out.path + "/Demo/demo.two.json", andPath: b.path + "/Demo/demo.two.json"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: root.path).sorted() == ["a", "b", "out"])
    }
  }

  @Test("a folder that exists is not written over")
  func exists() async throws {
    try await withTemporaryFolder { root in
      try await demoRecord(in: root.appending(path: "a"))
      let merge = try EvidenceMerge([root.appending(path: "a")])
      let error = #expect(throws: MergeError.self) { try merge.write(to: root.appending(path: "a")) }
      #expect(error?.description == "\(root.path)/a exists already; name a folder that does not")
    }
  }

  @Test("a folder that is not there or holds nothing is named")
  func empty() async throws {
    try await withTemporaryFolder { root in
      #expect(message(root.appending(path: "a")) == "\(root.path)/a: there is no such folder of evidence")
      #expect(message(root) == "\(root.path) holds no evidence")
    }
  }

  @Test("runs that differ in what decides their bits are refused, and both files are named")
  func mixtures() async throws {
    try await withTemporaryFolder { root in
      let a = root.appending(path: "a")
      try await demoRecord(.demo("demo.one"), in: a) { $0.commit = "c0ffee" }
      func refusal(
        _ folder: String, rootSeed: UInt64 = 0, tier: Tier = .standard,
        change: (inout RunEnvironment) -> Void = { _ in }
      ) async throws -> String? {
        let other = root.appending(path: folder)
        try await demoRecord(.demo("demo.two"), rootSeed: rootSeed, tier: tier, in: other) {
          $0.commit = "c0ffee"
          change(&$0)
        }
        return message(a, other)?.replacing("\(root.path)/", with: "")
      }
      let files = { (b: String) in ("a/Demo/demo.one.json", "\(b)/Demo/demo.two.json") }
      #expect(
        try await refusal("commit") { $0.commit = "decade" }
          == "the package's commit is c0ffee in \(files("").0) and decade in \(files("commit").1)")
      #expect(
        try await refusal("seed", rootSeed: 7) == "the root seed is 0 in \(files("").0) and 7 in \(files("seed").1)")
      #expect(
        try await refusal("tier", tier: .long)
          == "the tier is standard in \(files("").0) and long in \(files("tier").1)")
      #expect(try await refusal("swift") { $0.swift = "5.9" }?.hasPrefix("Swift is ") == true)
      #expect(
        try await refusal("kernel") { $0.blas.kernel = "Atom" }?.hasSuffix(
          "with the kernel Atom in \(files("kernel").1)") == true)
    }
  }

  @Test("the same claim twice is refused when the bytes or the versions differ")
  func twice() async throws {
    try await withTemporaryFolder { root in
      let (a, b) = (root.appending(path: "a"), root.appending(path: "b"))
      try await demoRecord(in: a)
      try await demoRecord(in: b) { $0.date = "2026-01-02T03:04:06Z" }
      let file = "Demo/demo.pentagon.gaps.json"
      #expect(message(a, b) == "\(a.path)/\(file) and \(b.path)/\(file) differ, and only one can become \(file)")
      let text = try String(contentsOf: b.appending(path: file), encoding: .utf8)
      try b.write(text.replacing("\"version\" : 1", with: "\"version\" : 2"), to: file)
      #expect(
        message(a, b)?.contains("the claim has version 1 in \(a.path)/\(file) and 2 in \(b.path)/\(file)") == true)
    }
  }

  @Test("a figure that a record names must be there, and a record must be in its place")
  func files() async throws {
    try await withTemporaryFolder { root in
      try await demoRecord(in: root)
      try FileManager.default.removeItem(at: root.appending(path: "Demo/PentagonGaps.csv"))
      #expect(message(root) == "\(root.path)/Demo/PentagonGaps.csv is missing, and a record beside it names it")
      try FileManager.default.moveItem(
        at: root.appending(path: "Demo/demo.pentagon.gaps.json"), to: root.appending(path: "Demo/demo.other.json"))
      #expect(message(root)?.contains("it is the record of another claim, whose place is") == true)
    }
  }

  @Test("shards join when all of them are there and of one run")
  func shards() async throws {
    try await withTemporaryFolder { root in
      let (a, b, c) = (root.appending(path: "a"), root.appending(path: "b"), root.appending(path: "c"))
      try await runShard("1/3", in: a)
      try await runShard("2/3", in: b)
      #expect(
        message(a, b) == "shard-3-of-3.json is in none of the folders, which has demo.three, demo.tree")
      try await runShard("3/3", in: c)
      let merge = try EvidenceMerge([a, b, c])
      #expect(merge.shardCount == 3)
      #expect(merge.records.map(\.record.claim.id) == ["demo.one", "demo.three", "demo.tree", "demo.two"])
      let out = root.appending(path: "out")
      try merge.write(to: out)
      #expect(try EvidenceMerge([out]).records.count == 4)  // what was joined is whole by itself

      try await demoRecord(.demo("demo.nobodys"), in: root.appending(path: "d"))
      #expect(message(out, root.appending(path: "d"))?.hasSuffix("none of the shards was to evaluate") == true)
      try FileManager.default.removeItem(at: b.appending(path: "Demo/demo.two.json"))
      #expect(
        message(a, b, c)
          == "\(b.path)/shard-2-of-3.json says that demo.two was evaluated, and there is no record of it")
    }
  }

  @Test("a record of another version, or of a claim stated otherwise, than its shard was to evaluate is refused")
  func otherClaim() async throws {
    try await withTemporaryFolder { root in
      try await runShard("1/1", in: root)
      let file = "Demo/demo.two.json"
      let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
      for (old, new, difference) in [
        ("\"version\" : 1", "\"version\" : 9", "is of version 9,"),
        ("\"margin\" : 1", "\"margin\" : 2", "is of version 1, but states it otherwise,"),
        ("right angles", "wrong angles", "is of version 1, but states it otherwise,"),
      ] {
        try #require(text.contains(old))
        try root.write(text.replacing(old, with: new), to: file)
        #expect(
          message(root) == "\(root.path)/\(file) \(difference) and \(root.path)/shard-1-of-1.json says that version 1 "
            + "was to be evaluated")
      }
    }
  }

  @Test("shards may be missing if that is allowed: what they left is joined, and the rest is named")
  func allowed() async throws {
    try await withTemporaryFolder { root in
      let (a, c, out) = (root.appending(path: "a"), root.appending(path: "c"), root.appending(path: "out"))
      try await runShard("1/3", in: a)
      try await runShard("3/3", in: c)
      // As if the job had been stopped before its end: one of the shard's two claims has a record, and it has no file.
      for file in ["shard-3-of-3.json", "Demo/demo.tree.json"] {
        try FileManager.default.removeItem(at: c.appending(path: file))
      }
      #expect(message(a, c)?.contains("shard-2-of-3.json is in none of the folders, which has demo.two") == true)
      let merge = try EvidenceMerge([a, c], allowsMissing: true)
      #expect(merge.missing == ["demo.two", "demo.tree"])
      #expect(merge.records.map(\.record.claim.id) == ["demo.one", "demo.three"])
      try merge.write(to: out)
      #expect(try Evidence(folder: out).missingShards().map(\.description) == ["2/3", "3/3"])
      #expect(try Evidence(folder: a).missingShards().count == 2)
      #expect(message(out) != nil, "what is not whole is refused again")
    }
  }

  @Test("shards of runs with other settings or claims are refused")
  func otherRun() async throws {
    try await withTemporaryFolder { root in
      let a = root.appending(path: "a")
      try await runShard("1/2", in: a)
      try await runShard("2/2", in: root.appending(path: "seeds"), seeds: 3)
      try await runShard("2/2", in: root.appending(path: "claims"), margin: 2)
      try await runShard("2/3", in: root.appending(path: "count"))
      for name in ["seeds", "claims", "count"] {
        #expect(message(a, root.appending(path: name))?.contains("is a share of another run than") == true, "\(name)")
      }
      try a.write("{}", to: "shard-2-of-2.json")
      #expect(
        message(a) == "\(a.path)/shard-2-of-2.json does not describe the shard 2/2 in a form that is read here")
    }
  }

  @Test("a claim that was not evaluated needs no record")
  func notEvaluated() async throws {
    try await withTemporaryFolder { root in
      try await runShard("1/1", in: root, tier: .long)
      let merge = try EvidenceMerge([root])
      #expect(merge.records.map(\.record.claim.id) == ["demo.one"])
    }
  }

  /// Runs a share of four claims in three experiments, which have 9, 7 and 5 seeds; above the quick tier but for one
  /// if told so.
  private func runShard(
    _ text: String, in folder: URL, seeds: Int? = nil, margin: Double = 1, tier: Tier = .quick
  ) async throws {
    let shard = try #require(Shard(text))
    func experiment(_ name: String, _ claims: [String]) -> FakeExperiment {
      var experiment = FakeExperiment(claims: claims) { _ in claims.map { Reading(claim: $0, value: 72, control: 90) } }
      experiment.name = name
      experiment.draw = { _ in [Drawing(name: name, svg: "<svg/>", csv: "")] }
      return experiment
    }
    let registry = Registry.demo(
      experiment("One", ["demo.one"]), experiment("Two", ["demo.two"]),
      experiment("Three", ["demo.three", "demo.tree"]))
    let rule = Criterion.value(published: 72, margin: margin)
    let claims: [Claim] = [
      .demo("demo.one", rule, seeds: 9), .demo("demo.two", rule, tier: tier, seeds: 7),
      .demo("demo.three", rule, tier: tier), .demo("demo.tree", rule, tier: tier),
    ]
    let plan = ShardPlan(claims, among: shard.count, registry: registry)
    let session = Session(
      library: .demo(claims), registry: registry, settings: RunSettings(seeds: seeds, jobs: 1, evidence: folder),
      root: folder)
    let own = plan.claims(of: shard)
    let report = await Runner(session: session).run(claims.filter { own.contains($0.id) })
    try session.evidence.write(ShardManifest(shard, of: plan, outcomes: report.outcomes, session: session))
  }
}
