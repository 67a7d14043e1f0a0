// Reads tokenizer.json, the one file of Hugging Face `tokenizers`: added tokens, normalizer, pre-tokenizer, model, decoder.
//
// What is not known here is refused by name: a tokenizer that is nearly right gives wrong results without a sign.

import Foundation

extension Tokenizer {
  init(tokenizerJSON url: URL, settings: TokenizerSettings) throws(TokenizerError) {
    let file = try TokenizerField(contentsOf: url)
    var preTokenizer = PreTokenizer()
    var unit = BytePairModel.Unit.scalars
    if let field = try file.optional("pre_tokenizer") { try Self.read(field, into: &preTokenizer, &unit) }
    let model = try BytePairModel(file.member("model"), unit: unit)
    var parts = Parts(preTokenizer: preTokenizer, model: model)
    if let field = try file.optional("normalizer") { try Self.read(field, into: &parts.normalizer) }
    if let field = try file.optional("decoder") {
      var steps: [TokenDecoder.Step] = []
      try Self.read(field, into: &steps)
      parts.decoder.steps = steps
    }
    var added = AddedTokenList(vocabulary: model.vocabulary)
    for field in try file.optional("added_tokens")?.elements() ?? [] {
      try added.append(field, id: try field.member("id").integer())
    }
    parts.added = added.tokens
    let template = try file.optional("post_processor").flatMap { (field) throws(TokenizerError) in
      try Self.templateBOS(field)
    }
    self.init(path: url.path, parts: parts, special: try settings.tokens(template: template, id: added.specialID))
  }

  // MARK: - Normalizer

  private static func read(_ field: TokenizerField, into normalizer: inout TextNormalizer) throws(TokenizerError) {
    switch try field.member("type").string() {
    case "Sequence":
      for element in try field.member("normalizers").elements() { try read(element, into: &normalizer) }
    case "NFC": normalizer.steps.append(.composed)
    case "Prepend": normalizer.steps.append(.prepend(try field.member("prepend").bytes()))
    case "Replace":
      let needle = try field.member("pattern").literal()
      normalizer.steps.append(.replace(needle, with: try field.member("content").bytes()))
    case let other: throw field.fail("expected the normalizer Sequence, NFC, Prepend or Replace, found \(other)")
    }
  }

  // MARK: - Pre-tokenizer

  private static func read(
    _ field: TokenizerField, into preTokenizer: inout PreTokenizer, _ unit: inout BytePairModel.Unit
  ) throws(TokenizerError) {
    guard unit == .scalars else { throw field.fail("expected ByteLevel to be the last pre-tokenizer") }
    switch try field.member("type").string() {
    case "Sequence":
      for element in try field.member("pretokenizers").elements() { try read(element, into: &preTokenizer, &unit) }
    case "ByteLevel":
      unit = .bytes
      if try field.flag("add_prefix_space", default: true) { preTokenizer.steps.append(.prefixSpace) }
      if try field.flag("use_regex", default: true) { preTokenizer.steps.append(.pattern(.gpt2)) }
    case "Split": preTokenizer.steps.append(try split(field))
    case "Metaspace":
      let (replacement, scheme) = try metaspace(field)
      preTokenizer.steps.append(.metaspace(replacement, scheme, splits: try field.flag("split", default: true)))
    case let other:
      throw field.fail("expected the pre-tokenizer Sequence, ByteLevel, Split or Metaspace, found \(other)")
    }
  }

  private static func split(_ field: TokenizerField) throws(TokenizerError) -> PreTokenizer.Step {
    let behavior = try field.member("behavior")
    let isInverted = try field.flag("invert", default: false)
    let pattern = try field.member("pattern")
    if let regex = try pattern.optional("Regex") {
      guard let known = SplitPattern(regex: try regex.string()) else {
        throw regex.fail(
          "expected the pattern of GPT-2, cl100k (Llama 3), Qwen 2 or o200k, found \(try regex.string())")
      }
      // These patterns match every text from end to end, so what to do with the rest makes no difference.
      switch (try behavior.string(), isInverted) {
      case ("Isolated", _), ("Removed", true): return .pattern(known)
      default: throw behavior.fail("expected Isolated, or Removed with invert")
      }
    }
    guard !isInverted, let known = PreTokenizer.Behavior(rawValue: try behavior.string()) else {
      throw behavior.fail("expected Isolated, MergedWithPrevious or MergedWithNext, without invert")
    }
    let separator = try pattern.literal()
    guard !separator.isEmpty else { throw pattern.fail("expected a separator that is not empty") }
    return .separator(separator, known)
  }

  private static func metaspace(
    _ field: TokenizerField
  ) throws(TokenizerError) -> ([UInt8], PreTokenizer.PrependScheme) {
    let replacement = try field.member("replacement")
    guard try replacement.string().unicodeScalars.count == 1 else { throw replacement.fail("expected one character") }
    var scheme = PreTokenizer.PrependScheme.always
    if let stated = try field.optional("prepend_scheme") {
      guard let known = PreTokenizer.PrependScheme(rawValue: try stated.string()) else {
        throw stated.fail("expected always, first or never")
      }
      scheme = known
    }
    if try !field.flag("add_prefix_space", default: true) { scheme = .never }
    return (try replacement.bytes(), scheme)
  }

  // MARK: - Decoder

  private static func read(_ field: TokenizerField, into steps: inout [TokenDecoder.Step]) throws(TokenizerError) {
    switch try field.member("type").string() {
    case "Sequence":
      for element in try field.member("decoders").elements() { try read(element, into: &steps) }
    case "ByteLevel": steps.append(.byteLevel)
    case "ByteFallback": steps.append(.byteFallback)
    case "Fuse": steps.append(.fuse)
    case "Replace":
      let needle = try field.member("pattern").literal()
      steps.append(.replace(needle, with: try field.member("content").bytes()))
    case "Strip":
      let content = try field.member("content").bytes()
      let (start, stop) = (try field.member("start").integer(), try field.member("stop").integer())
      guard !content.isEmpty, 0...1024 ~= start, 0...1024 ~= stop else {
        throw field.fail("expected a character, and counts from 0 to 1024")
      }
      steps.append(.strip(content, start: start, stop: stop))
    case "Metaspace":
      let (replacement, scheme) = try metaspace(field)
      steps.append(.metaspace(replacement, dropsFirst: scheme != .never))
    case let other:
      throw field.fail(
        "expected the decoder Sequence, ByteLevel, ByteFallback, Fuse, Replace, Strip or Metaspace, found \(other)")
    }
  }

  // MARK: - Post-processor

  /// The token that a template puts in front of a single text.
  private static func templateBOS(_ field: TokenizerField) throws(TokenizerError) -> String? {
    switch try field.member("type").string() {
    case "Sequence":
      for element in try field.member("processors").elements() {
        if let token = try templateBOS(element) { return token }
      }
      return nil
    case "TemplateProcessing":
      guard let first = try field.member("single").elements().first else { return nil }
      guard let token = try first.optional("SpecialToken") else { return nil }
      return try token.member("id").string()
    default: return nil
    }
  }
}

extension TokenizerField {
  /// The string of a pattern that is no regular expression.
  fileprivate func literal() throws(TokenizerError) -> [UInt8] {
    guard let literal = try optional("String") else { throw fail("expected a pattern of the kind String") }
    return try literal.bytes()
  }
}

extension BytePairModel {
  /// Reads the member `model` of a tokenizer.json.
  fileprivate init(_ field: TokenizerField, unit: Unit) throws(TokenizerError) {
    // Files of the first versions do not name the type; a WordPiece model has no merges.
    if let type = try field.optional("type"), try type.string() != "BPE" {
      throw type.fail("expected the model BPE, found \(try type.string())")
    }
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = try field.optional(name), try !affix.string().isEmpty {
        throw affix.fail("expected no affix, found \"\(try affix.string())\"")
      }
    }
    if let dropout = try field.optional("dropout"), dropout.value.double != 0 {
      throw dropout.fail("expected no dropout: tokens must not depend on chance")
    }
    let vocabulary = try TokenVocabulary(field.member("vocab"))
    self.init(
      vocabulary: vocabulary, merges: try MergeTable(field.member("merges"), vocabulary: vocabulary), unit: unit,
      byteFallback: try field.flag("byte_fallback", default: false))
    if let unknown = try field.optional("unk_token") {
      guard let id = vocabulary.id(try unknown.bytes()) else {
        throw unknown.fail("expected a piece of the vocabulary, found \"\(try unknown.string())\"")
      }
      unknownID = id
    }
    fusesUnknown = try field.flag("fuse_unk", default: false)
    ignoresMerges = try field.flag("ignore_merges", default: false)
  }
}
