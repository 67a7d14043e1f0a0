// What experiments ask of a tokenizer, under the names of TransformerLens.

extension Tokenizer {
  /// Which of several occurrences of a token is meant.
  public enum Occurrence: Sendable {
    /// The one nearest to the start.
    case first
    /// The one nearest to the end.
    case last
  }

  /// The tokens of a text.
  ///
  /// - Parameters:
  ///   - text: Any text; the empty one has no tokens but BOS.
  ///   - prependBOS: Whether the BOS token stands in front.
  ///   - parsingSpecial: Whether text that spells a special token (`<|endoftext|>`) is that token. Pass false for text
  ///     that others wrote. Added tokens that are not special, such as runs of spaces, are found in either case.
  /// - Throws: `TokenizerError` when BOS is asked for and the files name none.
  public func toTokens(_ text: String, prependBOS: Bool, parsingSpecial: Bool) throws(TokenizerError) -> [Int] {
    let tokens = encode(text, parsingSpecial: parsingSpecial)
    guard prependBOS else { return tokens }
    guard let bosToken else {
      throw TokenizerError(path, "BOS", "the files name no token that begins a text; expected prependBOS: false")
    }
    return [bosToken] + tokens
  }

  /// The text of tokens; bytes that are no UTF-8 become U+FFFD.
  ///
  /// As in Hugging Face's decoders, tokenizers that put a space in front of a text drop it here.
  ///
  /// - Throws: `TokenizerError` when an id has no piece.
  public func toString(_ tokens: [Int], skippingSpecial: Bool = false) throws(TokenizerError) -> String {
    try decode(tokens, skippingSpecial: skippingSpecial, isWhole: true)
  }

  /// The text of each token of a text.
  ///
  /// A leading space stays with its token, also in Llama's tokenizers, where decoding one token by itself would lose it.
  ///
  /// - Throws: `TokenizerError` when BOS is asked for and the files name none.
  public func toStrTokens(
    _ text: String, prependBOS: Bool, parsingSpecial: Bool
  ) throws(TokenizerError) -> [String] {
    try toStrTokens(toTokens(text, prependBOS: prependBOS, parsingSpecial: parsingSpecial))
  }

  /// The text of each token, a leading space included.
  ///
  /// - Throws: `TokenizerError` when an id has no piece.
  public func toStrTokens(_ tokens: [Int]) throws(TokenizerError) -> [String] {
    var texts: [String] = []
    for token in tokens { texts.append(try toSingleStrToken(token)) }
    return texts
  }

  /// The one token that a text is; special tokens count.
  ///
  /// A word within a sentence begins with a space in most tokenizers: `toSingleToken(" Mary")`.
  ///
  /// - Throws: `TokenizerError` that shows the tokens when there is not exactly one.
  public func toSingleToken(_ text: String) throws(TokenizerError) -> Int {
    let tokens = encode(text, parsingSpecial: true)
    guard tokens.count == 1 else {
      let texts = try toStrTokens(tokens).map { "\"\($0)\"" }.joined(separator: ", ")
      throw TokenizerError(path, "\"\(text)\"", "expected one token, found \(tokens.count): [\(texts)]")
    }
    return tokens[0]
  }

  /// The text of one token, a leading space included.
  ///
  /// - Throws: `TokenizerError` when the id has no piece.
  public func toSingleStrToken(_ token: Int) throws(TokenizerError) -> String {
    try decode([token], skippingSpecial: false, isWhole: false)
  }

  /// The position of a token in a list of tokens.
  ///
  /// - Throws: `TokenizerError` when it is not there.
  public func getTokenPosition(
    _ token: Int, in tokens: [Int], mode: Occurrence
  ) throws(TokenizerError) -> Int {
    let position = mode == .first ? tokens.firstIndex(of: token) : tokens.lastIndex(of: token)
    guard let position else {
      throw TokenizerError(path, "token \(token)", "expected it among the \(tokens.count) tokens")
    }
    return position
  }

  /// The position of a token in the tokens of a text, BOS counted when it is put in front.
  ///
  /// - Parameters:
  ///   - token: The text of one token; a leading space counts.
  ///   - text: The text in which it stands.
  ///   - mode: Which occurrence is meant.
  ///   - prependBOS: Whether the BOS token stands in front of the text.
  ///   - parsingSpecial: Whether text that spells a special token is that token.
  /// - Throws: `TokenizerError` when `token` is not one token, or not there, or BOS is asked for and there is none.
  public func getTokenPosition(
    _ token: String, in text: String, mode: Occurrence, prependBOS: Bool, parsingSpecial: Bool
  ) throws(TokenizerError) -> Int {
    let tokens = try toTokens(text, prependBOS: prependBOS, parsingSpecial: parsingSpecial)
    return try getTokenPosition(toSingleToken(token), in: tokens, mode: mode)
  }
}
