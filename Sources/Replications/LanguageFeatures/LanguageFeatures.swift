// Bricken et al. 2023, "Towards Monosemanticity", and Templeton et al. 2024, "Scaling Monosemanticity": sparse
// autoencoders take the activations of a transformer apart. The transformer is trained here, on a language whose latent
// variables are known for every word, so that what a feature means is counted and not judged.
//
// What was published, with bounds and their reasons: papers/bricken2023monosemanticity and papers/templeton2024scaling.

extension Finding {
  /// Features of a transformer against the known variables of its language.
  public static let languageFeatures = Finding(
    name: "LanguageFeatures",
    papers: ["bricken2023monosemanticity", "templeton2024scaling"],
    experiments: [KnownVariables()])
}
