// What happens to a text before it is cut into words: canonical composition (NFC), and the ▁ of SentencePiece.

/// A sequence of changes to a text.
struct TextNormalizer: Sendable {
  /// One change.
  enum Step: Sendable, Equatable {
    /// Unicode's canonical composition.
    case composed
    /// Puts bytes before a text that is not empty.
    case prepend([UInt8])
    /// Replaces each occurrence of a string.
    case replace([UInt8], with: [UInt8])
  }

  var steps: [Step] = []

  /// The text after all steps.
  func callAsFunction(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for step in steps {
      switch step {
      case .composed: text = CanonicalComposition.composed(text)
      case .prepend(let prefix): if !text.isEmpty { text = prefix + text }
      case .replace(let needle, let replacement): text = UTF8Text.replacing(needle, with: replacement, in: text)
      }
    }
    return text
  }
}
