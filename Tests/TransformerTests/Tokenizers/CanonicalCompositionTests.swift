import Foundation
import Testing

@testable import Transformer

@Suite("Canonical composition")
struct CanonicalCompositionTests {
  private func composed(_ text: String) -> String {
    String(decoding: CanonicalComposition.composed(Array(text.utf8)), as: UTF8.self)
  }

  @Test("equals Foundation's on texts that are cut into parts")
  func parts() throws {
    for texts in try TokenizerFixtures.texts().chunked(40) {
      let text = texts.joined()
      #expect(composed(text).utf8.elementsEqual(text.precomposedStringWithCanonicalMapping.utf8))
    }
  }

  @Test(
    "equals Foundation's on long runs without a place to cut",
    arguments: ["\u{301}\u{323}", "\u{9c7}\u{9be}", "\u{344}", "\u{f73}\u{f71}", "\u{315}\u{300}\u{5ae}\u{62}\u{320}"])
  func longRuns(_ unit: String) {
    let text = "a" + String(repeating: unit, count: 600) + "e"
    #expect(composed(text).utf8.elementsEqual(text.precomposedStringWithCanonicalMapping.utf8))
  }

  @Test("cuts before no scalar that is the second of a pair")
  func boundaries() {
    for value in (0x80 as UInt32)..<0x30000 where !(0xac00...0xd7a3 ~= value) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let parts = String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars
      for part in parts.dropFirst() { #expect(!CanonicalComposition.isBoundary(part.value), "U+\(part.value)") }
    }
  }
}

extension Array {
  fileprivate func chunked(_ size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
