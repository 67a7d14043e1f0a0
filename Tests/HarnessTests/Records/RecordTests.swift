import Foundation
import Testing

@testable import Replications

@Suite("Records") struct RecordTests {
  @Test("a record survives its file, whatever the claim's kind")
  func roundTrip() async throws {
    for criterion: Criterion in [
      .value(published: 72, margin: 1), .atLeast(3), .atMost(99.5), .ordering(chance: 0.5),
      .exact(published: 1, margin: 0),
    ] {
      let record = try await record(.demo("demo.pentagon.gaps", criterion, expectation: .partial), value: 1, control: 0)
      #expect(try Record(decoding: record.encoded()) == record)
    }
  }

  @Test("values that are not finite survive too")
  func notFinite() async throws {
    let record = try await record(.demo(), value: .nan, control: -.infinity)
    let again = try Record(decoding: record.encoded())
    #expect(again.measurement.values.allSatisfy(\.isNaN) && again.measurement.controls == record.measurement.controls)
    #expect(again.verdict.outcome == .error && again.measurement.summary == nil)
  }

  @Test("records fit the published schema")
  func schema() async throws {
    let schema = try JSONSchema(contentsOf: projectRoot.appending(path: "papers/record.schema.json"))
    for criterion: Criterion in [
      .value(published: 72, margin: 1), .atLeast(3), .atMost(99.5), .ordering(chance: 0.5),
      .exact(published: 1, margin: 0),
    ] {
      for (value, control) in [(1.0, 0.0), (.nan, nil)] as [(Double, Double?)] {
        let claim = Claim.demo("demo.pentagon.gaps", criterion, expectation: .doesNotReplicate)
        let record = try await record(claim, value: value, control: control)
        #expect(try schema.problems(in: record.encoded()) == [])
      }
    }
  }

  @Test("the schema refuses what is not a record")
  func schemaRefuses() async throws {
    let schema = try JSONSchema(contentsOf: projectRoot.appending(path: "papers/record.schema.json"))
    let text = String(decoding: try await record(.demo(), value: 72, control: 90).encoded(), as: UTF8.self)
    func problems(_ old: String, _ new: String) throws -> [String] {
      #expect(text.contains(old))
      return try schema.problems(in: Data(text.replacing(old, with: new).utf8))
    }
    #expect(try problems("\"schemaVersion\" : 1", "\"schemaVersion\" : 2") == ["schemaVersion: is not one of [1]"])
    #expect(try problems("\"isExpected\" : true", "\"isExpected\" : 1") == ["verdict.isExpected: is not a boolean"])
    #expect(
      try problems("\"source\"", "\"origin\"").sorted() == [
        "claim.origin: is not in the schema", "claim.source: is missing",
      ])
  }

  @Test("the schema documents every field")
  func schemaIsDocumented() throws {
    let schema = try JSONSchema(contentsOf: projectRoot.appending(path: "papers/record.schema.json"))
    #expect(schema.undocumented == [])
  }

  @Test("a record of another schema, or that is none, is an error that names the file")
  func unreadable() async throws {
    try await withTemporaryFolder { folder in
      let evidence = Evidence(folder: folder)
      #expect(try evidence.record(finding: "Demo", claim: "demo.x") == nil)
      try folder.write("{", to: "Demo/demo.x.json")
      let error = #expect(throws: RecordFileError.self) { try evidence.record(finding: "Demo", claim: "demo.x") }
      #expect(
        error?.description.hasPrefix("\(folder.path)/Demo/demo.x.json is not a record that can be read: ") == true)
      let other = String(decoding: try await record(.demo(), value: 72, control: 90).encoded(), as: UTF8.self)
        .replacing("\"schemaVersion\" : 1", with: "\"schemaVersion\" : 9")
      try folder.write(other, to: "Demo/demo.x.json")
      let version = #expect(throws: RecordFileError.self) { try evidence.record(finding: "Demo", claim: "demo.x") }
      #expect(version?.reason == "its schema has version 9, and 1 is read here")
    }
  }

  private func record(_ claim: Claim, value: Double, control: Double?) async throws -> Record {
    try await withTemporaryFolder { folder in
      let session = Session(
        library: .demo([claim]), registry: .demo(FakeExperiment.constant(value, control: control)),
        settings: RunSettings(rootSeed: .max, evidence: folder), root: folder)
      return try #require(try await session.outcome(of: claim).record)
    }
  }

  @Test(
    "numbers that no claim can have are refused in a record too",
    arguments: [
      #"{"kind": "value", "published": 72, "margin": -1}"#, #"{"kind": "value", "published": "nan", "margin": 1}"#,
      #"{"kind": "exact", "published": 2, "margin": -0.1}"#, #"{"kind": "bound", "atLeast": "nan"}"#,
      #"{"kind": "ordering", "chance": 1}"#, #"{"kind": "range", "atLeast": 2, "atMost": 1}"#,
    ])
  func criterion(text: String) {
    #expect(throws: DecodingError.self) { try RecordCoding.decode(Criterion.self, from: Data(text.utf8)) }
  }
}
