// The note of a paper: prose that people write, with places that the reference run fills in.
//
//   The gaps differ from 72° by <!-- replicate: value superposition.pentagon.gaps mean .2 -->0.14<!-- /replicate -->°.
//
//   <!-- replicate: figure Pentagon -->
//   …
//   <!-- /replicate -->
//
// Markdown does not show the comments, so a note reads the same with and without them.

/// A note, taken apart into prose and places to fill in.
struct Note: Sendable, Hashable {
  /// A stretch of prose, or a place to fill in.
  enum Piece: Sendable, Hashable {
    case prose(Substring)
    case place(Place)
  }

  /// What stands between an opening and a closing comment.
  struct Place: Sendable, Hashable {
    /// What belongs there.
    let directive: NoteDirective
    /// The words of the opening comment.
    let words: Substring
    /// What stands there now.
    let content: Substring
    /// The line of the opening comment, counted from 1.
    let line: Int
  }

  /// The pieces in order.
  let pieces: [Piece]

  /// The name of the file in messages.
  let name: String

  private static let opening = "<!-- replicate:"
  private static let closing = "<!-- /replicate -->"

  /// Takes a note apart; the error lists all that is wrong with its places.
  init(_ text: String, name: String) throws(PublicationError) {
    var pieces: [Piece] = []
    var problems: [FileProblem] = []
    var rest = text[...]
    var line = 1
    while let start = rest.firstRange(of: Self.opening) {
      let prose = rest[..<start.lowerBound]
      line += prose.newlines
      pieces.append(.prose(prose))
      guard let end = rest[start.upperBound...].firstRange(of: "-->"),
        let close = rest[end.upperBound...].firstRange(of: Self.closing),
        !rest[end.upperBound..<close.lowerBound].contains(Self.opening)
      else {
        problems.append(FileProblem(file: name, line: line, message: "this place is not closed by \(Self.closing)"))
        rest = ""
        break
      }
      let words = rest[start.upperBound..<end.lowerBound]
      let content = rest[end.upperBound..<close.lowerBound]
      do throws(NoteDirective.Misunderstood) {
        let directive = try NoteDirective(words)
        if directive.isInline, prose.isEmpty || prose.last == "\n" {
          let message =
            "a value cannot begin a line, where Markdown takes the comment for a block: put a word before it"
          problems.append(FileProblem(file: name, line: line, message: message))
        }
        pieces.append(.place(Place(directive: directive, words: words, content: content, line: line)))
      } catch {
        problems.append(FileProblem(file: name, line: line, message: error.reason))
      }
      line += rest[start.lowerBound..<close.upperBound].newlines
      rest = rest[close.upperBound...]
    }
    if let stray = rest.firstRange(of: Self.closing) {
      let message = "\(Self.closing) closes nothing"
      problems.append(FileProblem(file: name, line: line + rest[..<stray.lowerBound].newlines, message: message))
    }
    guard problems.isEmpty else { throw PublicationError(problems: problems) }
    self.pieces = pieces + [.prose(rest)]
    self.name = name
  }

  /// The places in order.
  var places: [Place] {
    pieces.compactMap { if case .place(let place) = $0 { place } else { nil } }
  }

  /// The names of the figures that the note shows, by a place or by an image of its own, in order and once each.
  var figures: [String] {
    var names: [String] = []
    for piece in pieces {
      let found: [String] =
        switch piece {
        case .place(let place): if case .figure(let name) = place.directive { [name] } else { [] }
        case .prose(let text): text.matches(of: /\]\(figures\/([^)\/]+)\.svg\)/).map { String($0.output.1) }
        }
      for name in found where !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// The note with every place filled in.
  func filled(_ text: (Place) throws(PublicationError) -> String) throws(PublicationError) -> String {
    var result = ""
    for piece in pieces {
      switch piece {
      case .prose(let prose): result += prose
      case .place(let place):
        result += "\(Self.opening)\(place.words)-->\(place.directive.framed(try text(place)))\(Self.closing)"
      }
    }
    return result
  }
}

extension Substring {
  fileprivate var newlines: Int { utf8.count { $0 == UInt8(ascii: "\n") } }
}
