// Which tokens begin, end and fill sequences, as the files beside a tokenizer say.

import Foundation

/// The ids of the tokens with a purpose; nil where files name none that the vocabulary has.
struct SpecialTokens: Sendable {
  var bos: Int?
  var eos: Int?
  var pad: Int?
  var unknown: Int?
}

/// What `tokenizer_config.json` and `special_tokens_map.json` beside a tokenizer say.
struct TokenizerSettings {
  private var files: [TokenizerField] = []

  /// Nothing is said.
  init() {}

  /// Reads the files of a folder that are there.
  init(folder: URL) throws(TokenizerError) {
    for name in ["tokenizer_config.json", "special_tokens_map.json"] {
      let url = folder.appending(path: name)
      if FileManager.default.fileExists(atPath: url.path) { files.append(try TokenizerField(contentsOf: url)) }
    }
  }

  /// The value of a key in the first file that has it.
  func field(_ name: String) throws(TokenizerError) -> TokenizerField? {
    for file in files {
      if let field = try file.optional(name) { return field }
    }
    return nil
  }

  /// Whether a file says that there is no such token, by null.
  private func denies(_ name: String) -> Bool { files.contains { $0.value[name]?.isNull == true } }

  /// The content of a token: files have it as a text or as an object.
  func content(_ name: String) throws(TokenizerError) -> String? {
    guard let field = try field(name) else { return nil }
    return field.value.object == nil ? try field.string() : try field.member("content").string()
  }

  /// The tokens with a purpose.
  ///
  /// - Parameters:
  ///   - template: The token that the tokenizer's own post-processor puts in front of a text.
  ///   - id: The id of a special token by its content.
  func tokens(template: String?, id: (String) -> Int?) throws(TokenizerError) -> SpecialTokens {
    func find(_ name: String, _ customary: [String]) throws(TokenizerError) -> Int? {
      if let content = try content(name) { return id(content) }
      if denies(name) { return nil }
      return customary.compactMap(id).first
    }
    return SpecialTokens(
      bos: try find("bos_token", [template].compactMap(\.self) + Self.customaryBOS),
      eos: try find("eos_token", Self.customaryEOS),
      pad: try find("pad_token", ["<pad>", "<|padding|>"]),
      unknown: try find("unk_token", ["<unk>"]))
  }

  private static let customaryBOS = ["<|begin_of_text|>", "<bos>", "<s>", "<|endoftext|>"]
  private static let customaryEOS = ["<|end_of_text|>", "<eos>", "</s>", "<|endoftext|>"]
}
