// Reads llama2.c's tokenizer.bin: int32 longest piece, then for each id float32 score, int32 length, and the bytes.
//
// There are no merges: of all neighbours whose joined text is a piece, those of the highest score are joined first. Ids 0, 1
// and 2 are unknown, BOS and EOS, then come 256 bytes. A text gets a space in front. Source: karpathy/llama2.c (run.c).

import Foundation

extension Tokenizer {
  /// The longest piece that is read: merges are found by cutting each piece at every place.
  private static let longestPiece = 1024

  init(llama2C url: URL) throws(TokenizerError) {
    let (vocabulary, scores) = try Self.pieces(url)
    guard vocabulary.endOfIDs >= 3 else {
      throw TokenizerError(url.path, "", "expected at least the pieces of unknown, BOS and EOS")
    }
    let model = BytePairModel(
      vocabulary: vocabulary, merges: Self.merges(vocabulary, scores), unit: .scalars, byteFallback: true)
    var parts = Parts(model: model)
    parts.model.unknownID = 0
    parts.normalizer.steps = [.prepend([0x20])]
    parts.decoder.steps = [.byteFallback, .fuse, .strip([0x20], start: 1, stop: 0)]
    // Files spell these with line breaks around them, for printing.
    parts.added = ["<unk>", "<s>", "</s>"].enumerated().map { AddedToken(id: Int32($0), content: Array($1.utf8)) }
    self.init(path: url.path, parts: parts, special: SpecialTokens(bos: 1, eos: 2, unknown: 0))
  }

  private static func pieces(_ url: URL) throws(TokenizerError) -> (TokenVocabulary, [Float]) {
    let bytes = try TokenizerField.bytes(of: url)
    var place = 0
    func word(_ what: String) throws(TokenizerError) -> UInt32 {
      guard bytes.count - place >= 4 else {
        throw TokenizerError(url.path, "byte \(place)", "expected four bytes of \(what), found the end of the file")
      }
      defer { place += 4 }
      return (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << (8 * UInt32($1)) }
    }
    _ = try word("the longest piece")
    var vocabulary = TokenVocabulary()
    var scores: [Float] = []
    while place < bytes.count {
      let start = place
      func fail(_ reason: String) -> TokenizerError {
        TokenizerError(url.path, "piece \(scores.count) at byte \(start)", reason)
      }
      let score = Float(bitPattern: try word("a score"))
      let length = Int(Int32(bitPattern: try word("a length")))
      guard 0...longestPiece ~= length, length <= bytes.count - place else {
        throw fail("expected a length from 0 to \(min(longestPiece, bytes.count - place)), found \(length)")
      }
      guard score.isFinite else { throw fail("expected a finite score, found \(score)") }
      let piece = bytes[place..<place + length]
      guard String(validating: piece, as: UTF8.self) != nil else { throw fail("expected UTF-8") }
      place += length
      do throws(TokenVocabulary.Refusal) {
        try vocabulary.insert(piece, id: scores.count)
      } catch {
        throw fail("expected a piece of its own, found \"\(String(decoding: piece, as: UTF8.self))\" a second time")
      }
      scores.append(score)
    }
    return (vocabulary, scores)
  }

  /// All pairs of pieces that join to a piece; equal scores have equal ranks.
  private static func merges(_ vocabulary: TokenVocabulary, _ scores: [Float]) -> MergeTable {
    var table = MergeTable(minimumCapacity: 4 * scores.count)
    let order = scores.indices.sorted { (scores[$1], $0) < (scores[$0], $1) }
    var rank = 0
    for (place, id) in order.enumerated() {
      if place > 0, scores[id] < scores[order[place - 1]] { rank = place }
      guard let piece = vocabulary.piece(id), piece.count > 1 else { continue }
      for cut in piece.indices.dropFirst() {
        guard let left = vocabulary.id(piece[..<cut]), let right = vocabulary.id(piece[cut...]) else { continue }
        table.insert(left, right, rank: rank, merged: Int32(id))
      }
    }
    return table
  }
}
