import Foundation
import Testing

@testable import Replications

@Suite("Badges") struct BadgeTests {
  private let claims: [Claim] = [
    .demo("demo.one"), .demo("demo.two"), .demo("demo.three", expectation: .doesNotReplicate),
  ]
  private let wrong = [60.0, 61, 60]
  private let unclear = [70.0, 74, 72]

  /// The badge of a board whose claims have these values; nil for a claim without a record.
  private func badge(_ values: [[Double]?]) async throws -> Badge {
    try await withTemporaryFolder { folder in
      for (claim, values) in zip(claims, values) {
        if let values { try await demoRecord(claim, values: values, in: folder) }
      }
      return Badge(label: "Demo", rows: Board(claims, evidence: Evidence(folder: folder)).rows)
    }
  }
  private let right = [72.0, 72.1, 71.9]

  @Test("the message counts, and the colour says whether all is as expected")
  func states() async throws {
    let good = try await badge([right, right, wrong])
    #expect(good.message == "2 of 3 reproduced" && good.state == .asExpected)
    #expect(try await badge([right, unclear, wrong]).state == .open)
    #expect(try await badge([right, nil, wrong]).state == .open)
    #expect(try await badge([right, wrong, wrong]).state == .unexpected)
    #expect(try await badge([right, [72, .nan], wrong]).state == .unexpected)
    #expect(try await badge([right, right, right]).state == .unexpected)
    let none = try await badge([nil, nil, nil])
    #expect(none.message == "not evaluated" && none.state == .empty)
  }

  @Test("white text stands out from every colour as WCAG AA asks")
  func contrast() {
    func luminance(_ hex: String) -> Double {
      let channels = [1, 3, 5].map { start -> Double in
        let from = hex.index(hex.startIndex, offsetBy: start)
        let value = Double(Int(hex[from...].prefix(2), radix: 16) ?? 0) / 255
        return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
      }
      return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]
    }
    for state in Badge.State.allCases {
      #expect(1.05 / (luminance(state.color) + 0.05) >= 4.5, "\(state)")
    }
  }

  @Test("each finding and the total are written as JSON for shields.io and as well-formed SVG")
  func files() async throws {
    try await withTemporaryFolder { folder in
      try await demoRecord(claims[0], values: right, in: folder.appending(path: "evidence"))
      let board = Board(claims, evidence: Evidence(folder: folder.appending(path: "evidence")))
      let names = try Badge.write(board, to: folder.appending(path: "badges"))
      #expect(names == ["Demo.json", "Demo.svg", "total.json", "total.svg"])
      let data = try Data(contentsOf: folder.appending(path: "badges/Demo.json"))
      let json = try JSONSerialization.jsonObject(with: data) as? [String: Any]
      #expect(json?["schemaVersion"] as? Int == 1 && json?["label"] as? String == "Demo")
      #expect(json?["message"] as? String == "1 of 3 reproduced" && json?["isError"] as? Bool == false)
      let odd = Badge(label: "a < \"b\" & c", rows: [])
      #expect(odd.svg.contains("<title>a &lt; &quot;b&quot; &amp; c: not evaluated</title>"))
    }
  }
}
