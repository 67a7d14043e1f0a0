// The pieces that a model knows, as a two-way table between bytes and ids.

/// Pieces and their ids; ids may have gaps.
struct TokenVocabulary: Sendable {
  /// Ids lie below this: a table of all of them must fit in memory whatever a file says.
  static let idLimit = 1 << 24

  private var table = ByteStringTable()
  private var ids: [Int32] = []
  /// The table's number of the piece of each id; -1 in a gap.
  private var pieces: [Int32] = []

  /// One more than the highest id.
  var endOfIDs: Int { pieces.count }

  /// Why a piece cannot be inserted.
  enum Refusal: Error {
    case idOutOfRange, idIsTaken, pieceIsTaken
  }

  /// Inserts a piece that is new with an id that is free.
  mutating func insert(_ piece: some Sequence<UInt8>, id: Int) throws(Refusal) {
    guard 0..<Self.idLimit ~= id else { throw .idOutOfRange }
    if id >= pieces.count { pieces.append(contentsOf: repeatElement(-1, count: id + 1 - pieces.count)) }
    guard pieces[id] < 0 else { throw .idIsTaken }
    let (index, isNew) = table.insert(Array(piece))
    guard isNew else { throw .pieceIsTaken }
    ids.append(Int32(id))
    pieces[id] = Int32(index)
  }

  /// The id of a piece, or nil.
  func id(_ piece: some Sequence<UInt8>) -> Int32? { table.find(piece).map { ids[$0] } }

  /// The id of a piece, or nil.
  func id(_ piece: UnsafeBufferPointer<UInt8>) -> Int32? { table.find(piece).map { ids[$0] } }

  /// The piece of an id, or nil in a gap and beyond the last.
  func piece(_ id: Int) -> ArraySlice<UInt8>? {
    guard pieces.indices ~= id, pieces[id] >= 0 else { return nil }
    return table[Int(pieces[id])]
  }
}
