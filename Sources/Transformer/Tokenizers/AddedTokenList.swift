// Reads added tokens, and sees to it that their ids agree with the vocabulary.

/// The added tokens of a tokenizer while its files are read.
struct AddedTokenList {
  private(set) var tokens: [AddedToken] = []
  private let vocabulary: TokenVocabulary
  private var ids: Set<Int32> = []

  init(vocabulary: TokenVocabulary) { self.vocabulary = vocabulary }

  /// Appends the token that an object describes.
  mutating func append(_ field: TokenizerField, id: Int) throws(TokenizerError) {
    let content = try field.member("content").bytes()
    guard 0..<TokenVocabulary.idLimit ~= id else {
      throw field.fail("expected an id from 0 to \(TokenVocabulary.idLimit - 1), found \(id)")
    }
    let known = vocabulary.id(content)
    guard known == nil || known == Int32(id) else {
      throw field.fail("expected the id \(known ?? 0) that the vocabulary has for this piece, found \(id)")
    }
    guard vocabulary.piece(id).map({ $0.elementsEqual(content) }) ?? true, ids.insert(Int32(id)).inserted else {
      throw field.fail("expected an id of its own, found \(id) a second time")
    }
    let isSpecial = try field.flag("special", default: false)
    tokens.append(
      AddedToken(
        id: Int32(id), content: content, isSpecial: isSpecial,
        isNormalized: try field.flag("normalized", default: !isSpecial),
        isSingleWord: try field.flag("single_word", default: false),
        stripsLeft: try field.flag("lstrip", default: false),
        stripsRight: try field.flag("rstrip", default: false)))
  }

  /// Appends a special token that is a piece of the vocabulary, unless it is here.
  mutating func appendSpecial(_ content: String) {
    guard let id = vocabulary.id(content.utf8), ids.insert(id).inserted else { return }
    tokens.append(AddedToken(id: id, content: Array(content.utf8)))
  }

  /// The id of an added token, or of a piece that files name as special.
  func specialID(_ content: String) -> Int? {
    let bytes = Array(content.utf8)
    return tokens.first { $0.content == bytes }.map { Int($0.id) }
  }
}
