import Testing
import Transformer

@Suite("Transformer configurations")
struct TransformerConfigurationTests {
  @Test("derive the sizes that are not given")
  func defaults() {
    let configuration = TransformerConfiguration(nLayers: 2, dModel: 12, nHeads: 3, dVocab: 7, nContext: 5)
    #expect(configuration.dHead == 4)
    #expect(configuration.nKeyValueHeads == 3)
    #expect(configuration.dMLP == 48)
    #expect(configuration.dVocabOut == 7)
    #expect(configuration.scoreScale == 0.5)
  }

  @Test("fold weights out of a normalisation and nothing else")
  func folded() {
    #expect(Normalization.layerNorm.folded == .layerNormPre)
    #expect(Normalization.rmsNorm.folded == .rmsNormPre)
    for normalization in Normalization.allCases {
      #expect(!normalization.folded.hasWeights)
      #expect(normalization.folded.centers == normalization.centers)
    }
  }
}
