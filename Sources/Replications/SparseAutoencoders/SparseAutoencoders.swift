// Sparse autoencoders where the truth is known: Sharkey et al. 2022 and, of Cunningham et al. 2023, Bricken et al. 2023,
// Templeton et al. 2024 and Gao et al. 2024, what can be tested on data whose features were put there. Every
// experiment draws its data and trains its autoencoders from scratch, in seconds.
//
// What was published, with bounds and their reasons: the claims.yaml of each paper. What was done and what came of it:
// papers/sharkey2022superposition/README.md and the shorter notes of the others.

extension Finding {
  /// Sparse autoencoders take known features out of superposition.
  public static let sparseAutoencoders = Finding(
    name: "SparseAutoencoders",
    papers: [
      "sharkey2022superposition", "cunningham2023sparse", "bricken2023monosemanticity", "templeton2024scaling",
      "gao2024scaling",
    ],
    experiments: [
      Recovery(),
      WiderSpace(),
      TiedWeights(),
      EncoderBias(),
      Resampling(),
      FeatureSplitting(),
      Completeness(),
      TopKAgainstL1(),
      PublishedSize(),
    ])
}
