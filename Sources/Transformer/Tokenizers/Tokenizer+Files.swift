// Finds a tokenizer's files: a Hugging Face folder, a tokenizer.json, GPT-2's two files, or llama2.c's tokenizer.bin.

import Foundation

extension Tokenizer {
  /// Reads a tokenizer from a folder or a file.
  ///
  /// In a folder the first of these counts: `tokenizer.json`; `vocab.json` with `merges.txt`; `encoder.json` with
  /// `vocab.bpe`; `tokenizer.bin` of llama2.c. `tokenizer_config.json` and `special_tokens_map.json` beside them say which
  /// tokens begin, end and fill sequences. A file is read by itself, by its extension: `.json` or `.bin`.
  ///
  /// - Throws: `TokenizerError` when a file is missing or malformed, or asks for something that is not known here.
  public init(contentsOf url: URL) throws(TokenizerError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder) else {
      throw TokenizerError(url.path, "", "expected a file or a folder")
    }
    guard isFolder.boolValue else {
      switch url.pathExtension {
      case "json": try self.init(tokenizerJSON: url, settings: TokenizerSettings())
      case "bin": try self.init(llama2C: url)
      default: throw TokenizerError(url.path, "", "expected the extension json or bin")
      }
      return
    }
    func file(_ name: String) -> URL? {
      let file = url.appending(path: name)
      return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }
    let settings = try TokenizerSettings(folder: url)
    if let json = file("tokenizer.json") {
      try self.init(tokenizerJSON: json, settings: settings)
    } else if let vocabulary = file("vocab.json"), let merges = file("merges.txt") {
      try self.init(vocabulary: vocabulary, merges: merges, settings: settings)
    } else if let vocabulary = file("encoder.json"), let merges = file("vocab.bpe") {
      try self.init(vocabulary: vocabulary, merges: merges, settings: settings)
    } else if let binary = file("tokenizer.bin") {
      try self.init(llama2C: binary)
    } else {
      throw TokenizerError(
        url.path, "",
        "expected tokenizer.json, vocab.json with merges.txt, encoder.json with vocab.bpe or tokenizer.bin")
    }
  }

  /// Reads a byte-level tokenizer from its vocabulary (piece to id) and its merges (a pair a line), in GPT-2's format.
  ///
  /// `<|endoftext|>` is its special token when it has one.
  ///
  /// - Throws: `TokenizerError` when a file is missing or malformed.
  public init(vocabulary: URL, merges: URL) throws(TokenizerError) {
    try self.init(vocabulary: vocabulary, merges: merges, settings: TokenizerSettings())
  }
}
