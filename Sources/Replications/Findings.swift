// Every finding that this package replicates, one line each. A new finding is added here and nowhere else.

extension Registry {
  /// All findings of this package.
  public static let standard = Registry(findings: [
    .superposition,
    .mathematicalFramework,
    .inductionHeads,
    .statisticalInduction,
    .inContextRegression,
    .grokking,
    .ioi,
    .ioiGPT2Small,
    .gpt2Weights,
    .attentionPatterns,
    .sparseAutoencoders,
    .languageFeatures,
    .doubleDescent,
  ])
}
