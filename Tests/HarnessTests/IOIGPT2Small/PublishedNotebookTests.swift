// The notebook's own numbers through the claims on them: all must come out as reproduced, and each number must count.

import Tensors
import Testing

@testable import Replications

@Suite("Claims on the notebook, given the numbers that it prints")
struct PublishedNotebookTests {
  private func printed() throws -> NotebookPrompts.Observation {
    let published = try publishedNumbers(in: "nanda2022exploratory", as: NotebookPrompts.Published.self)
    let (streams, heads) = (
      [published.residPre, published.attnOut, published.mlpOut], [published.z, published.v, published.pattern]
    )
    func zeros(_ maps: [[[Double]]]) -> [[[Double]]] { maps.map { $0.map { $0.map { _ in 0 } } } }
    return NotebookPrompts.Observation(
      published: published, differences: published.differences, partnerDifferences: published.differences.map { -$0 },
      accumulated: published.accumulated, accumulatedOfOthers: published.accumulated.map { _ in 0 },
      layers: published.layers, layersOfOthers: published.layers.map { _ in 0 }, heads: published.heads,
      headsOfOthers: zeros([published.heads])[0], streams: streams, byHead: heads, selfPatchedStreams: zeros(streams),
      selfPatchedByHead: zeros(heads),
      cleanSelfPatched: zeros([published.residPre, published.z]).map { $0.map { $0.map { _ in 3.552 } } },
      differenceWithout9_9: 2.92, differenceWithout9_1: 3.54, headsWithout9_9: published.headsWithout9_9,
      scales: published.scales, scalesBefore: published.scales.map { $0 + 1 }, scaleRatioWithout9_9: 1.042,
      scaleRatioWithout9_1: 1.001, percent: published.single.percent,
      percentInPartner: published.single.percent.reversed(), johnLessMary: 4.276, johnLessMaryInPrompt: -2.738)
  }

  @Test("all claims on the prompts are reproduced")
  func prompts() throws {
    let observation = try printed()
    let judgements = try NotebookPrompts().judgements(of: observation)
    #expect(Set(judgements.map(\.claim)) == Set(NotebookPrompts().claims))
    for (claim, judgement) in judgements {
      #expect(judgement.verdict == .reproduced, "\(claim): \(judgement.reason)")
    }
  }

  @Test("each map counts: one that is that of the corrupted run is noticed, as a value and as a control")
  func everyMapCounts() throws {
    func verdict(_ claim: String, _ change: (inout NotebookPrompts.Observation) -> Void) throws -> Verdict.Outcome? {
      var observation = try printed()
      change(&observation)
      return try NotebookPrompts().judgements(of: observation).first { $0.claim == claim }?.judgement.verdict.outcome
    }
    for index in 0..<3 {
      #expect(
        try verdict("ioi.demo.patching.streams") { $0.streams[index] = $0.selfPatchedStreams[index] } == .notReproduced)
      #expect(
        try verdict("ioi.demo.patching.heads") { $0.byHead[index] = $0.selfPatchedByHead[index] } == .notReproduced)
      #expect(
        try verdict("ioi.demo.patching.streams") { $0.selfPatchedStreams[index] = $0.streams[index] } == .inconclusive)
      #expect(
        try verdict("ioi.demo.patching.heads") { $0.selfPatchedByHead[index] = $0.byHead[index] } == .inconclusive)
    }
    #expect(try verdict("ioi.demo.layers") { $0.layers[20] += 0.03 } == .notReproduced)
    #expect(try verdict("ioi.demo.patching.self") { $0.cleanSelfPatched[1][3][4] = 3.5 } == .notReproduced)
  }
}
