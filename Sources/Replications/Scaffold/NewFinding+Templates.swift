// What a new finding begins with: a small real one, so that there is something to run. Random directions in many
// dimensions are nearly orthogonal, which is why superposition has room: E cos² = 1/d.

extension NewFinding {
  static let claims = """
    # What PAPER published, as claims that a run decides. Write these before the experiment, and commit them.

    paper:
      key: PAPER
      title: The Title as Published
      authors: [First Author]
      year: 2000
      url: https://example.org/the-paper

    claims:
      - id: WORD.random-directions
        version: 1
        finding: FINDING
        statement: Independent random directions in d dimensions have a mean squared cosine of 1/d.
        source: "Section, figure or table of the paper"
        choices: "d = 64 and 200 directions, which the paper leaves open"
        metric: d times the mean squared cosine over all pairs
        unit: "1"
        kind: value
        comparison: identity
        published: 1
        margin: 0.02
        rationale: "Exact in expectation. The 19,900 pairs of one seed leave a standard error of about 0.01; three seeds leave half of it, and the margin is four times that."
        control: directions that share a component are not independent, and have larger cosines
        tier: quick
        seeds: 3

    """

  static let finding = """
    // PAPER: what the finding is, in two sentences.
    //
    // What was published, with margins and their reasons: papers/PAPER/claims.yaml.
    // What was done and what came of it: the note beside it.

    extension Finding {
      /// What FINDING replicates, in one sentence.
      public static let CONSTANT = Finding(
        name: "FINDING",
        papers: ["PAPER"],
        experiments: [FINDINGRandomDirections()])
    }

    """

  static let experiment = """
    // Random directions are nearly orthogonal (PAPER, section).
    // Say here what is trained and measured, as the methods section of the paper does.

    import Foundation
    import Plotting
    import Tensors

    struct FINDINGRandomDirections: Experiment {
      let name = "RandomDirections"
      let claims = ["WORD.random-directions"]
      let configuration: [String: ConfigurationValue] = ["dimensions": 64, "directions": 200, "shared": 1.0]

      struct Observation: Sendable {
        /// d·cos² of every pair of independent directions.
        var independent: [Double]
        /// The same for directions that share a component.
        var shared: [Double]
      }

      func observe(_ run: SeedRun) throws -> Observation {
        var random = run.random("directions")
        let noise = random.normal([200, 64])
        return Observation(independent: Self.squaredCosines(noise), shared: Self.squaredCosines(noise + 1))
      }

      func readings(_ seed: Observation) -> [Reading] {
        let (value, control) = (Self.mean(seed.independent), Self.mean(seed.shared))
        return [Reading(claim: "WORD.random-directions", value: value, control: control)]
      }

      func figures(_ seeds: [Observation]) throws -> [Drawing] {
        let kinds: [(String, (Observation) -> [Double])] = [
          ("independent", { $0.independent }), ("sharing a component", { $0.shared }),
        ]
        let panels = kinds.map { title, values in
          Panel(
            title: title,
            x: .categories(seeds.indices.map { "\\($0)" }, label: "seed"),
            y: .linear("d · mean cos²"), size: Size(220, 180),
            marks: [
              .bars(nil, seeds.map { Self.mean(values($0)) }), .rule(y: 1, label: "published", color: .published),
            ])
        }
        let title = "Random directions are nearly orthogonal"
        return [try Drawing(name, Figure(title: title, rows: [panels]))]
      }

      /// d·cos² of every pair of rows of a matrix `[direction, dimension]`.
      private static func squaredCosines(_ directions: Tensor) -> [Double] {
        let products = directions.matmul(directions.transposed())
        let (count, dimensions) = (directions.shape[0], Double(directions.shape[1]))
        return (0..<count).flatMap { i in
          (0..<i).map { j in
            let product = Double(products[i, j])
            return dimensions * product * product / (Double(products[i, i]) * Double(products[j, j]))
          }
        }
      }

      private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    }

    """

  static let suite = """
    // PAPER: what was published, asserted.
    // The experiments are in Sources/Replications/FINDING.
    // The numbers and their reasons are in papers/PAPER/claims.yaml.

    import Testing

    @Suite("What the finding is, in one sentence", .replicates("FINDING"))
    struct FINDING {
      @Test("Random directions are nearly orthogonal")
      func randomDirections() async throws {
        try await expectReproduced("WORD.random-directions")
      }
    }

    """

  static let note = """
    # The Title as Published

    First Author, 2000. <https://example.org/the-paper>

    ## Introduction

    What the paper asks, and why.

    ## Methods

    What was done here, and what the paper leaves open.

    ## Results

    The mean is <!-- replicate: value WORD.random-directions mean .2 --><!-- /replicate -->.

    <!-- replicate: figure RandomDirections --><!-- /replicate -->

    <!-- replicate: results --><!-- /replicate -->

    ## Discussion

    What it means, its limits, and where it differs from the paper.

    ## Conclusion

    What comes next.

    ## References

    First Author. *The Title as Published*. 2000. <https://example.org/the-paper>

    """
}
