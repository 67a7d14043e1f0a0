// The regular expressions that cut text into words before byte pairs are merged, as hand-written scanners.
//
// A tokenizer.json names its pattern by text. Each of the four that published models use is recognised, and run in one
// pass over the scalars: no backtracking that grows with the line. `end` of a scanner is what the regular expression's
// leftmost match would be; together the alternatives of each pattern cover every text.

/// A known pattern that cuts text into words.
enum SplitPattern: Sendable, CaseIterable {
  /// GPT-2, also GPT-J, GPT-Neo, GPT-NeoX, OPT and Phi.
  case gpt2
  /// GPT-4's cl100k, also Llama 3.
  case cl100k
  /// Qwen 2 and 3: cl100k with single digits.
  case qwen2
  /// GPT-4o's o200k.
  case o200k

  /// The regular expression as it stands in files.
  var regex: String {
    let anyCase = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)"#
    let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
    switch self {
    case .gpt2: return #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    case .cl100k:
      return anyCase + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + spaces
    case .qwen2:
      return anyCase + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + spaces
    case .o200k:
      let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#
      let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#
      let prefix = #"[^\r\n\p{L}\p{N}]?"#
      return "\(prefix)\(upper)*\(lower)+\(anyCase)?|\(prefix)\(upper)+\(lower)*\(anyCase)?"
        + #"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces
    }
  }

  /// The pattern of a regular expression, or nil when it is none of the known ones.
  init?(regex: String) {
    guard let known = Self.allCases.first(where: { $0.regex == regex }) else { return nil }
    self = known
  }

  /// Appends the place behind each word of a range of a text.
  func appendEnds(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, to ends: inout [Int]) {
    var classes: [UInt8] = []
    var starts: [Int] = []
    classes.reserveCapacity(range.count)
    starts.reserveCapacity(range.count + 1)
    ScalarClasses.scan(bytes, range, classes: &classes, starts: &starts)
    starts.append(range.upperBound)
    classes.withUnsafeBufferPointer { classes in
      starts.withUnsafeBufferPointer { starts in
        let scanner = Scanner(bytes: bytes, classes: classes, starts: starts)
        var place = 0
        while place < classes.count {
          switch self {
          case .gpt2: place = scanner.gpt2(place)
          case .cl100k: place = scanner.cl100k(place, digits: 3)
          case .qwen2: place = scanner.cl100k(place, digits: 1)
          case .o200k: place = scanner.o200k(place)
          }
          ends.append(starts[place])
        }
      }
    }
  }
}

/// A text as the classes of its scalars; places are counted in scalars.
private struct Scanner {
  let bytes: UnsafeBufferPointer<UInt8>
  let classes: UnsafeBufferPointer<UInt8>
  let starts: UnsafeBufferPointer<Int>

  private func has(_ place: Int, _ set: UInt8) -> Bool { place < classes.count && classes[place] & set != 0 }

  /// Whether `[^\s\p{L}\p{N}]` matches.
  private func isOther(_ place: Int) -> Bool {
    place < classes.count && classes[place] & ScalarClasses.wordOrSpace == 0
  }

  /// Whether `[^\r\n\p{L}\p{N}]` matches.
  private func isPrefix(_ place: Int) -> Bool {
    let excluded = ScalarClasses.letter | ScalarClasses.number | ScalarClasses.lineEnd
    return place < classes.count && classes[place] & excluded == 0
  }

  private func isByte(_ place: Int, _ byte: StaticString) -> Bool {
    place < classes.count && bytes[starts[place]] == byte.utf8Start[0]
  }

  /// The end of the longest run of a class.
  private func run(_ place: Int, _ set: UInt8) -> Int {
    var place = place
    while place < classes.count, classes[place] & set != 0 { place += 1 }
    return place
  }

  private func runOfOthers(_ place: Int) -> Int {
    var place = place
    while isOther(place) { place += 1 }
    return place
  }

  /// The letter at a place in lower case; with `anyCase`, long s (U+017F) folds to s as well.
  private func asciiLetter(_ place: Int, anyCase: Bool) -> UInt8 {
    guard place < classes.count else { return 0 }
    let byte = bytes[starts[place]]
    guard anyCase else { return byte }
    if byte == 0xc5, bytes[starts[place] + 1] == 0xbf { return UInt8(ascii: "s") }
    return 0x41...0x5a ~= byte ? byte + 0x20 : byte
  }

  /// The end of `'s|'t|'re|'ve|'m|'ll|'d`, or nil.
  private func contraction(_ place: Int, anyCase: Bool) -> Int? {
    guard isByte(place, "'") else { return nil }
    let second = asciiLetter(place + 2, anyCase: anyCase)
    switch asciiLetter(place + 1, anyCase: anyCase) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return place + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return second == UInt8(ascii: "e") ? place + 3 : nil
    case UInt8(ascii: "l"): return second == UInt8(ascii: "l") ? place + 3 : nil
    default: return nil
    }
  }

  /// The end of `\s+(?!\S)|\s+`: the last space before a word is left to the word.
  private func spaces(_ place: Int, end: Int) -> Int {
    end == classes.count || end == place + 1 ? end : end - 1
  }

  /// The end of `\s*[\r\n]+|\s+(?!\S)|\s+`.
  private func spacesAndLines(_ place: Int) -> Int {
    var (end, afterLine) = (place, place)
    while has(end, ScalarClasses.space) {
      end += 1
      if classes[end - 1] & ScalarClasses.lineEnd != 0 { afterLine = end }
    }
    return afterLine > place ? afterLine : spaces(place, end: end)
  }

  func gpt2(_ place: Int) -> Int {
    if let end = contraction(place, anyCase: false) { return end }
    let word = isByte(place, " ") ? place + 1 : place
    if has(word, ScalarClasses.letter) { return run(word, ScalarClasses.letter) }
    if has(word, ScalarClasses.number) { return run(word, ScalarClasses.number) }
    if isOther(word) { return runOfOthers(word) }
    return spaces(place, end: run(place, ScalarClasses.space))
  }

  func cl100k(_ place: Int, digits: Int) -> Int {
    if let end = contraction(place, anyCase: true) { return end }
    if has(place, ScalarClasses.letter) { return run(place, ScalarClasses.letter) }
    if isPrefix(place), has(place + 1, ScalarClasses.letter) { return run(place + 1, ScalarClasses.letter) }
    return numberOthersOrSpaces(place, digits: digits, othersTakeSlashes: false)
  }

  func o200k(_ place: Int) -> Int {
    let afterPrefix = isPrefix(place) ? place + 1 : nil
    let end =
      afterPrefix.flatMap(wordEndingLower) ?? wordEndingLower(place)
      ?? afterPrefix.flatMap(wordBeginningUpper) ?? wordBeginningUpper(place)
    if let end { return contraction(end, anyCase: true) ?? end }
    return numberOthersOrSpaces(place, digits: 3, othersTakeSlashes: true)
  }

  /// The end of `\p{N}{1,digits}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`.
  private func numberOthersOrSpaces(_ place: Int, digits: Int, othersTakeSlashes: Bool) -> Int {
    if has(place, ScalarClasses.number) {
      var end = place + 1
      while end < place + digits, has(end, ScalarClasses.number) { end += 1 }
      return end
    }
    let word = isByte(place, " ") ? place + 1 : place
    guard isOther(word) else { return spacesAndLines(place) }
    var end = runOfOthers(word)
    while has(end, ScalarClasses.lineEnd) || (othersTakeSlashes && isByte(end, "/")) { end += 1 }
    return end
  }

  /// The end of `upper*lower+`, or nil. Both classes hold letters without case and marks, so the upper run may have to
  /// give back its tail; what follows the returned end is then upper only, and is never searched again.
  private func wordEndingLower(_ place: Int) -> Int? {
    let upper = run(place, ScalarClasses.upper)
    let lower = run(upper, ScalarClasses.lower)
    if lower > upper { return lower }
    var last = upper
    while last > place {
      last -= 1
      if classes[last] & ScalarClasses.lower != 0 { return last + 1 }
    }
    return nil
  }

  /// The end of `upper+lower*`, or nil.
  private func wordBeginningUpper(_ place: Int) -> Int? {
    let upper = run(place, ScalarClasses.upper)
    return upper > place ? run(upper, ScalarClasses.lower) : nil
  }
}
