// Indirect object identification in models that are trained here: Adhikari 2025 on a symbolic version of the task, and
// as much of Wang et al. 2022, "Interpretability in the Wild", as small models can be asked for.
//
// MinimalModels   six names, one layer or two, one head or two                      Adhikari 2025
// HeldOutPairs    thirty names, two layers, pairs of names that were held out       both
// Sentences       the paper's sentences, three layers with MLPs                     Wang et al. 2022
//
// What was published, with bounds and their reasons: papers/adhikari2025symbolic and papers/wang2022ioi.

extension Finding {
  /// Indirect object identification, learned from scratch and taken apart.
  public static let ioi = Finding(
    name: "IOI",
    papers: ["wang2022ioi", "adhikari2025symbolic"],
    experiments: [
      MinimalModels(),
      HeldOutPairs(),
      Sentences(),
    ])
}
