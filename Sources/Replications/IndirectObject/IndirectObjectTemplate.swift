// The fifteen sentences of Wang et al. 2022 (appendix E), with the words that fill them.
//
// A template is written as in the paper, in the order BABA: the first clause names B and A, the second has B for its
// subject, and the next word would be A. The names of the authors' released code are 99, not the paper's 100, and places
// and objects are eight each.

import Tensors  // preconditions that say their sentence

/// A sentence with places for names, a place and an object; it ends before the indirect object.
public struct IndirectObjectTemplate: Sendable, Hashable, CustomStringConvertible {
  /// What can be filled in.
  enum Slot: String, CaseIterable {
    case firstName = "[B]"
    case secondName = "[A]"
    case subject = "[S]"
    case place = "[PLACE]"
    case object = "[OBJECT]"
  }

  /// A stretch of the sentence: words as they are, or a place for one.
  enum Piece: Hashable {
    case words(String)
    case slot(Slot)
  }

  /// The sentence in the notation of the paper, without its last word.
  public let text: String

  /// The stretches of the sentence in order; a space belongs to what follows it.
  let pieces: [Piece]

  /// Creates a template from a sentence with one `[A]`, two `[B]`, and at most one `[PLACE]` among its words.
  public init(_ text: String) {
    self.text = text
    let parts = text.split(separator: "[B]", omittingEmptySubsequences: false)
    precondition(
      parts.count == 3 && text.split(separator: "[A]", omittingEmptySubsequences: false).count == 2,
      "a template needs one [A] and two [B]: \(text)")
    var rest = Substring("\(parts[0])[B]\(parts[1])[S]\(parts[2])")
    var pieces: [Piece] = []
    while !rest.isEmpty {
      if rest.first == "[", let slot = Slot.allCases.first(where: { rest.hasPrefix($0.rawValue) }) {
        pieces.append(.slot(slot))
        rest.removeFirst(slot.rawValue.count)
      } else {
        let end = rest.dropFirst().firstIndex(of: "[") ?? rest.endIndex
        pieces.append(.words(String(rest[..<end])))
        rest = rest[end...]
      }
    }
    self.pieces = pieces
  }

  /// The sentence in the notation of the paper.
  public var description: String { text }

  /// Whether the first clause ends a sentence, so that another one fits between the clauses.
  public var hasTwoSentences: Bool { fullStop != nil }

  /// Which stretch of words ends the first clause with a full stop; nil where a comma does.
  var fullStop: Int? {
    guard
      let subject = pieces.firstIndex(of: .slot(.subject)), subject > 0,
      case .words(let words) = pieces[subject - 1], words.contains(".")
    else { return nil }
    return subject - 1
  }

  /// The templates of the paper.
  public static let all = [
    "Then, [B] and [A] went to the [PLACE]. [B] gave a [OBJECT] to",
    "Then, [B] and [A] had a lot of fun at the [PLACE]. [B] gave a [OBJECT] to",
    "Then, [B] and [A] were working at the [PLACE]. [B] decided to give a [OBJECT] to",
    "Then, [B] and [A] were thinking about going to the [PLACE]. [B] wanted to give a [OBJECT] to",
    "Then, [B] and [A] had a long argument, and afterwards [B] said to",
    "After [B] and [A] went to the [PLACE], [B] gave a [OBJECT] to",
    "When [B] and [A] got a [OBJECT] at the [PLACE], [B] decided to give it to",
    "When [B] and [A] got a [OBJECT] at the [PLACE], [B] decided to give the [OBJECT] to",
    "While [B] and [A] were working at the [PLACE], [B] gave a [OBJECT] to",
    "While [B] and [A] were commuting to the [PLACE], [B] gave a [OBJECT] to",
    "After the lunch, [B] and [A] went to the [PLACE]. [B] gave a [OBJECT] to",
    "Afterwards, [B] and [A] went to the [PLACE]. [B] gave a [OBJECT] to",
    "Then, [B] and [A] had a long argument. Afterwards [B] said to",
    "The [PLACE] [B] and [A] went to had a [OBJECT]. [B] gave it to",
    "Friends [B] and [A] found a [OBJECT] at the [PLACE]. [B] gave it to",
  ].map(IndirectObjectTemplate.init)
}

/// The words of the released code, each one token of GPT-2 with a space in front.
public enum IndirectObjectWords {
  /// First names.
  public static let names = words(
    """
    Michael Christopher Jessica Matthew Ashley Jennifer Joshua Amanda Daniel David James Robert John Joseph Andrew Ryan
    Brandon Jason Justin Sarah William Jonathan Stephanie Brian Nicole Nicholas Anthony Heather Eric Elizabeth Adam Megan
    Melissa Kevin Steven Thomas Timothy Christina Kyle Rachel Laura Lauren Amber Brittany Danielle Richard Kimberly
    Jeffrey Amy Crystal Michelle Tiffany Jeremy Benjamin Mark Emily Aaron Charles Rebecca Jacob Stephen Patrick Sean Erin
    Jamie Kelly Samantha Nathan Sara Dustin Paul Angela Tyler Scott Katherine Andrea Gregory Erica Mary Travis Lisa
    Kenneth Bryan Lindsey Kristen Jose Alexander Jesse Katie Lindsay Shannon Vanessa Courtney Christine Alicia Cody
    Allison Bradley Samuel
    """)

  /// Where people go.
  public static let places = words("store garden restaurant school hospital office house station")

  /// What people give.
  public static let objects = words("ring kiss bone basketball computer necklace drink snack")

  private static func words(_ text: String) -> [String] { text.split(whereSeparator: \.isWhitespace).map(String.init) }
}
