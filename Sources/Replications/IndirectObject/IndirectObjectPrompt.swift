// One sentence of the task, by what fills it.

/// A token of the sentence that plays a part.
public enum IndirectObjectRole: String, Sendable, CaseIterable {
  /// The indirect object, in the first clause.
  case io = "IO"
  /// The subject, in the first clause.
  case s1 = "S1"
  /// What follows S1.
  case s1Next = "S1+1"
  /// The subject, in the second clause.
  case s2 = "S2"
  /// The last token of the prompt, which predicts the indirect object.
  case end = "END"
}

/// One sentence of the task.
///
/// Fields are named by where a name stands: in a sentence of the task `s2` is `s1`; in one of three unrelated names all
/// differ; in counterfactual ones the name at the place of the indirect object may be the one that stands twice.
public struct IndirectObjectPrompt: Sendable, Hashable {
  /// Which of the two names of the first clause comes first.
  public enum Order: String, Sendable, CaseIterable {
    /// The subject.
    case baba = "BABA"
    /// The indirect object.
    case abba = "ABBA"
  }

  /// A further sentence about one of the two people, which draws attention to them.
  public struct Remark: Sendable, Hashable {
    /// Whom it is about.
    public var name: String
    /// What follows the name, with the full stop.
    public var predicate: String

    /// Creates a remark.
    public init(name: String, predicate: String) {
      self.name = name
      self.predicate = predicate
    }

    /// The predicates of the paper's adversarial examples (appendix L).
    public static let predicates = [
      "had a good day.", "was enjoying the situation.", "was tired.", "enjoyed being with a friend.",
      "was an enthusiast person.",
    ]
  }

  /// What all sentences share that have the same words but for names, places and objects.
  public struct Form: Sendable, Hashable {
    let template: IndirectObjectTemplate
    let order: Order
    let prefix: String
    let predicate: String?
  }

  /// The sentence that is filled.
  public var template: IndirectObjectTemplate
  /// Which name of the first clause comes first.
  public var order: Order
  /// The name at the place of the indirect object.
  public var io: String
  /// The name at the place of the subject in the first clause.
  public var s1: String
  /// The name at the place of the subject in the second clause.
  public var s2: String
  /// What fills `[PLACE]`.
  public var place: String
  /// What fills `[OBJECT]`.
  public var object: String
  /// Sentences in front.
  public var prefix = ""
  /// A further sentence between the clauses; only where the first one ends a sentence.
  public var remark: Remark?

  /// Creates a sentence in which the subject of both clauses is the same.
  public init(
    _ template: IndirectObjectTemplate, _ order: Order, io: String, s: String, place: String, object: String
  ) {
    self.template = template
    self.order = order
    self.io = io
    (s1, s2) = (s, s)
    self.place = place
    self.object = object
  }

  /// What it shares with sentences of the same words; means for ablations are taken within a form.
  public var form: Form { Form(template: template, order: order, prefix: prefix, predicate: remark?.predicate) }

  /// A stretch of the filled sentence, with the space before it, and the role of its only word if it has one.
  struct Part {
    var text: String
    var role: IndirectObjectRole?
    /// Whether it must be a single token.
    var isWord = false
  }

  /// The filled sentence in stretches.
  var parts: [Part] {
    var parts: [Part] = []
    func append(_ text: String, _ role: IndirectObjectRole? = nil, isWord: Bool = false) {
      // A space goes to what follows it.
      let isSpaced = parts.last?.text.hasSuffix(" ") ?? false
      if isSpaced { parts[parts.count - 1].text.removeLast() }
      parts.append(Part(text: isSpaced ? " " + text : text, role: role, isWord: isWord))
    }
    if !prefix.isEmpty { append(prefix + " ") }
    for (index, piece) in template.pieces.enumerated() {
      switch piece {
      case .words(let words):
        guard let remark, index == template.fullStop, let stop = words.firstIndex(of: ".") else {
          append(words)
          continue
        }
        append(String(words[...stop]) + " ")
        append(remark.name, isWord: true)
        append(" " + remark.predicate)
        append(String(words[words.index(after: stop)...]))
      case .slot(.firstName): order == .baba ? append(s1, .s1, isWord: true) : append(io, .io, isWord: true)
      case .slot(.secondName): order == .baba ? append(io, .io, isWord: true) : append(s1, .s1, isWord: true)
      case .slot(.subject): append(s2, .s2, isWord: true)
      case .slot(.place): append(place, isWord: true)
      case .slot(.object): append(object, isWord: true)
      }
    }
    return parts.filter { !$0.text.isEmpty }
  }

  /// The sentence.
  public var text: String { parts.map(\.text).joined() }
}
