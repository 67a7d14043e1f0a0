// Computation in superposition: the absolute value (Elhage et al. 2022, "Computation in Superposition").
//
// y′ = ReLU(W₂ ReLU(W₁ x) + b) is trained towards |x|, x uniform in [−1, 1). Two neurons a feature compute it exactly.
// With 100 features in 40 neurons, dense features get neurons of their own, sparse ones share; a shared neuron reads
// one of its features strongly and writes it weakly and the other the other way round, the asymmetric superposition
// motif.

import ToyModels

struct AbsoluteValue: Experiment {
  let name = "AbsoluteValue"
  let claims = [
    "superposition.computation.absolute-value", "superposition.computation.monosemantic",
    "superposition.computation.polysemantic", "superposition.computation.grows",
    "superposition.computation.asymmetric",
  ]
  let configuration: [String: ConfigurationValue] = [
    "small": "n = 3, m = 6, 1−S = 1, best of 8, 4,000 steps of 256",
    "large": "n = 100, m = 40, importance 0.8^i, 4,000 steps of 512, at a density of 0.1 of 256, of 0.001 of 1,024",
    "control": "1,500 steps of 256", "densities": .numbers(Self.densities.map { Double($0) }),
    "learningRate": "3e-3, large 1e-2 at a density of 1", "schedule": "cosine",
  ]

  /// By falling density, 1 − S.
  static let densities: [Float] = [1, 0.1, 0.01, 0.001]

  struct Observation: Sendable {
    var small: TrainedModels
    var smallLinear: TrainedModels
    /// One for each density.
    var large: [TrainedModels]
    var largeLinear: [TrainedModels]
  }

  func observe(_ run: SeedRun) throws -> Observation {
    var stages = Stages(run, count: 2 + 2 * Self.densities.count)
    func plan(
      features: Int, hidden: Int, importance: Float, density: Float, restarts: Int,
      _ activation: SuperpositionArchitecture.Activation
    ) -> TrainingPlan {
      // The control is done soon. The sparser the features, the more samples it takes to see enough of them. Dense ones
      // train at a higher rate, without which the neurons of the least important have not settled at the end.
      let isControl = activation == .identity
      let isDense = density == 1 && features > 10 && !isControl
      let batchSize = isControl || features < 10 || density == 0.1 ? 256 : density < 0.01 ? 1_024 : 512
      return TrainingPlan(
        architecture: .absoluteValue(features: features, hidden: hidden, hiddenActivation: activation),
        distribution: FeatureDistribution(features: features, density: density, values: .symmetric),
        importance: geometricImportance(importance, features), restarts: restarts,
        settings: SuperpositionTraining(
          steps: isControl ? 1_500 : 4_000, batchSize: batchSize, learningRate: isDense ? 1e-2 : 3e-3,
          schedule: .cosine))
    }
    func small(_ activation: SuperpositionArchitecture.Activation, _ label: String) throws -> TrainedModels {
      try plan(features: 3, hidden: 6, importance: 1, density: 1, restarts: 8, activation).train(&stages, label)
    }
    func large(_ activation: SuperpositionArchitecture.Activation, _ label: String) throws -> [TrainedModels] {
      try Self.densities.map {
        try plan(features: 100, hidden: 40, importance: 0.8, density: $0, restarts: 1, activation)
          .train(&stages, "\(label) \($0)")
      }
    }
    return Observation(
      small: try small(.relu, "small"), smallLinear: try small(.identity, "small linear"),
      large: try large(.relu, "large"), largeLinear: try large(.identity, "large linear"))
  }

  func readings(_ seed: Observation) -> [Reading] {
    func monosemantic(_ models: TrainedModels) -> Double {
      Double(monosemanticNeurons(models.bestGeometry.directions)) / 40
    }
    let sharing = seed.large.map { Self.medianParticipation($0.bestGeometry.directions) }
    let linearSharing = seed.largeLinear.map { Self.medianParticipation($0.bestGeometry.directions) }
    let motif = Self.motif(seed.large[1])
    let linearMotif = Self.motif(seed.largeLinear[1])
    return [
      Reading(
        claim: "superposition.computation.absolute-value", value: seed.small.bestLoss,
        control: seed.smallLinear.bestLoss,
        detail: ["monosemantic neurons of 6": Double(monosemanticNeurons(seed.small.bestGeometry.directions))]),
      Reading(
        claim: "superposition.computation.monosemantic", value: monosemantic(seed.large[0]),
        control: monosemantic(seed.largeLinear[0])),
      Reading(
        claim: "superposition.computation.polysemantic", value: monosemantic(seed.large[2]),
        control: monosemantic(seed.large[0]),
        detail: ["at 0.1": monosemantic(seed.large[1]), "at 0.001": monosemantic(seed.large[3])]),
      Reading(
        claim: "superposition.computation.grows", held: Self.grows([sharing[0], sharing[2], sharing[3]]),
        controlHeld: Self.grows([linearSharing[0], linearSharing[2], linearSharing[3]]),
        detail: [
          "features per neuron at 1": sharing[0], "features per neuron at 0.1": sharing[1],
          "features per neuron at 0.01": sharing[2], "features per neuron at 0.001": sharing[3],
        ]),
      Reading(
        claim: "superposition.computation.asymmetric", value: motif.share, control: linearMotif.share,
        detail: ["polysemantic neurons": Double(motif.neurons)]),
    ]
  }

  /// The median over neurons of (Σw²)²/Σw⁴: how many features a neuron reads.
  static func medianParticipation(_ directions: [[Double]]) -> Double {
    let ratios = (0..<directions[0].count).map { neuron -> Double in
      let squares = directions.map { $0[neuron] * $0[neuron] }
      let total = squares.reduce(0, +)
      return total > 0 ? total * total / squares.reduce(0) { $0 + $1 * $1 } : 0
    }.sorted()
    return ratios[ratios.count / 2]
  }

  /// Whether numbers rise, at least twofold in all.
  static func grows(_ numbers: [Double]) -> Bool {
    zip(numbers, numbers.dropFirst()).allSatisfy { $0 < $1 } && (numbers.last ?? 0) >= 2 * (numbers.first ?? .infinity)
  }

  /// How strongly a neuron reads and writes each of two features, |W₁| and |W₂|.
  struct SharedNeuron: Sendable {
    var reads: (Double, Double)
    var writes: (Double, Double)

    /// Whether the feature that is read more strongly is written more weakly.
    var isAsymmetric: Bool { (reads.0 > reads.1) != (writes.0 > writes.1) }
  }

  /// The neurons that read more than one feature, each with the two that go through it most (by |W₁·W₂|).
  static func sharedNeurons(_ models: TrainedModels) -> [SharedNeuron] {
    let reads = models.bestGeometry.directions
    let writes = models.model.decoderDirections(models.best)
    return reads[0].indices.compactMap { neuron in
      let strengths = reads.map { abs($0[neuron]) }
      let ordered = strengths.sorted(by: >)
      guard ordered[0] > 0.05, ordered[1] >= 0.2 * ordered[0] else { return nil }
      let through = reads.indices.sorted {
        abs(reads[$0][neuron] * writes[$0][neuron]) > abs(reads[$1][neuron] * writes[$1][neuron])
      }
      let (first, second) = (through[0], through[1])
      return SharedNeuron(
        reads: (strengths[first], strengths[second]), writes: (abs(writes[first][neuron]), abs(writes[second][neuron])))
    }
  }

  /// The share of shared neurons that show the asymmetric motif.
  static func motif(_ models: TrainedModels) -> (share: Double, neurons: Int) {
    let shared = sharedNeurons(models)
    let asymmetric = shared.count(where: \.isAsymmetric)
    return (shared.isEmpty ? 0 : Double(asymmetric) / Double(shared.count), shared.count)
  }
}
