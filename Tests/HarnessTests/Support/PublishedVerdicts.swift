// What the claims of an experiment would come to if every seed gave the same observation, without a run.

import Foundation

@testable import Replications

/// The project's claims.
let projectLibrary = Result { try Library.load(papers: projectRoot.appending(path: "papers")) }

extension Experiment {
  /// The judgement of each claim if every one of its seeds gave this observation.
  func judgements(of observation: Observation) throws -> [(claim: String, judgement: Judgement)] {
    let library = try projectLibrary.get()
    return readings(observation).compactMap { reading in
      guard let claim = library.claim(reading.claim) else { return nil }
      let seeds = 0..<claim.seeds
      return (
        reading.claim,
        Judge.judge(seeds.map { _ in reading.value }, controls: seeds.map { _ in reading.control }, by: claim.criterion)
      )
    }
  }
}

/// The numbers that lie beside a paper's claims.
func publishedNumbers<Numbers: Decodable & Sendable>(in paper: String, as type: Numbers.Type) throws -> Numbers {
  try SeedRun(finding: "F", experiment: "E", papers: projectRoot.appending(path: "papers")).published(
    in: paper, as: type)
}

extension [[Double]] {
  /// A table of GPT-2 small's 144 heads that has one value but for some heads.
  init(_ value: Double, except heads: [String: Double] = [:]) {
    self = (0..<12).map { layer in (0..<12).map { heads["\(layer).\($0)"] ?? value } }
  }
}
