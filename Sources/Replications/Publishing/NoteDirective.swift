// What may stand in a place of a note: the table of results, a figure, or one number.

import Foundation

/// What belongs in a place of a note.
enum NoteDirective: Sendable, Hashable {
  /// `results`: the table of all claims of the paper.
  case results
  /// `figure NAME`: a figure of the reference run, with its numbers.
  case figure(String)
  /// `value CLAIM FIELD [FORMAT]`: one number of a claim's record.
  case value(claim: String, field: Field, format: NumberFormat?)

  /// The numbers of a record that a note can quote.
  enum Field: Sendable, Hashable {
    case mean, lower, upper, minimum, maximum, control, seeds, published, margin
    /// Under how many other root seeds the claim was reproduced, and how many there were.
    case reproduced, rootSeeds
    /// The mean of all measurements under other root seeds, its standard error, and their number.
    case rootMean, rootError, rootCount
    /// The mean over seeds of a further number, `detail:some-name` for the name `some name` or `some-name`.
    case detail(String)

    init?(_ word: Substring) {
      let fields: [Substring: Field] = [
        "mean": .mean, "lower": .lower, "upper": .upper, "minimum": .minimum, "maximum": .maximum,
        "control": .control, "seeds": .seeds, "published": .published, "margin": .margin,
        "reproduced": .reproduced, "root-seeds": .rootSeeds, "root-mean": .rootMean, "root-error": .rootError,
        "root-count": .rootCount,
      ]
      if let field = fields[word] {
        self = field
      } else if word.hasPrefix("detail:"), word.count > 7 {
        self = .detail(String(word.dropFirst(7)).replacing("-", with: " "))
      } else {
        return nil
      }
    }
  }

  /// How a number is written: `.2` with two decimals, `.0%` as a percentage.
  struct NumberFormat: Sendable, Hashable {
    let decimals: Int
    let isPercentage: Bool

    init?(_ word: Substring) {
      guard let match = word.wholeMatch(of: /\.([0-9])(%?)/), let decimals = Int(match.output.1) else { return nil }
      self.decimals = decimals
      isPercentage = !match.output.2.isEmpty
    }

    func text(_ number: Double) -> String {
      let shown = String(format: "%.\(decimals)f", isPercentage ? 100 * number : number)
      // A negative number that rounds to nothing has no sign.
      let unsigned =
        shown.hasPrefix("-") && !shown.contains { ("1"..."9").contains($0) } ? String(shown.dropFirst()) : shown
      return isPercentage ? "\(unsigned) %" : unsigned
    }
  }

  /// Why the words of a place say nothing.
  struct Misunderstood: Error {
    let reason: String
  }

  /// Reads the words of an opening comment.
  init(_ text: Substring) throws(Misunderstood) {
    let words = text.split(whereSeparator: \.isWhitespace)
    switch (words.first, words.count) {
    case ("results", 1): self = .results
    case ("figure", 2): self = .figure(String(words[1]))
    case ("value", 3...4):
      guard let field = Field(words[2]) else {
        throw Misunderstood(
          reason: "'\(words[2])' is no field: mean, lower, upper, minimum, maximum, control, seeds, published, margin, "
            + "reproduced, root-seeds, root-mean, root-error, root-count and detail:NAME are")
      }
      guard words.count == 3 || NumberFormat(words[3]) != nil else {
        throw Misunderstood(reason: "'\(words[3])' is no format: '.2' means two decimals, '.0%' a percentage")
      }
      self = .value(claim: String(words[1]), field: field, format: words.count == 4 ? NumberFormat(words[3]) : nil)
    default:
      throw Misunderstood(
        reason: "'\(words.joined(separator: " "))' is not understood: 'results', 'figure NAME' and "
          + "'value CLAIM FIELD [FORMAT]' are")
    }
  }

  /// Whether it stands within a sentence.
  var isInline: Bool { if case .value = self { true } else { false } }

  /// The content as it stands between the comments; a block has empty lines around it, so that Markdown sees it as one.
  func framed(_ content: String) -> String { isInline ? content : "\n\n\(content)\n\n" }
}
