// Ids of texts that were published with the tokenizers of GPT-2 and GPT-NeoX, or computed with GPT-2's released encoder.

/// Texts and their ids, special tokens not parsed.
enum PublishedTokens {
  static let gpt2: [(String, [Int])] = [
    ("Hello world!", [15496, 995, 0]),
    ("Hello, world!", [15496, 11, 995, 0]),
    (" Hello world", [18435, 995]),
    ("Hello, my dog is cute", [15496, 11, 616, 3290, 318, 13779]),
    ("The dog", [464, 3290]),
    ("The quick brown fox jumped over the lazy dog", [464, 2068, 7586, 21831, 11687, 625, 262, 16931, 3290]),
    ("The cat sat on the mat.", [464, 3797, 3332, 319, 262, 2603, 13]),
    (
      "When John and Mary went to the shops, John gave the bag to",
      [
        2215, 1757, 290, 5335, 1816, 284, 262, 12437, 11, 1757, 2921, 262, 6131, 284,
      ]
    ),
    (
      "After John and Mary went to the store, John gave a bottle of milk to",
      [
        3260, 1757, 290, 5335, 1816, 284, 262, 3650, 11, 1757, 2921, 257, 9294, 286, 7545, 284,
      ]
    ),
    (
      "The war lasted from the year 1732 to the year 17",
      [
        464, 1175, 15436, 422, 262, 614, 1596, 2624, 284, 262, 614, 1596,
      ]
    ),
    ("This is some text", [1212, 318, 617, 2420]),
    ("indivisible", [521, 452, 12843]),
    ("hello 👋 world 🌍", [31373, 50169, 233, 995, 12520, 234, 235]),
    (
      "I'm can't we've they'll he'd you're 'S 'T",
      [
        40, 1101, 460, 470, 356, 1053, 484, 1183, 339, 1549, 345, 821, 705, 50, 705, 51,
      ]
    ),
    ("  leading", [220, 3756]),
    ("trailing  ", [9535, 4386, 220, 220]),
    ("a   b", [64, 220, 220, 275]),
    ("line1\n\nline2\n", [1370, 16, 198, 198, 1370, 17, 198]),
    ("\t\ttabs", [197, 197, 8658, 82]),
    ("日本語テキスト", [33768, 98, 17312, 105, 45739, 252, 24336, 25084, 43302]),
    (
      "na\u{ef}ve caf\u{e9} \u{2014} \u{201c}quotes\u{201d}\u{2026}",
      [
        2616, 38776, 40304, 851, 564, 250, 421, 6421, 447, 251, 1399,
      ]
    ),
    ("<|endoftext|>", [27, 91, 437, 1659, 5239, 91, 29]),
    ("12345 1,234.56", [10163, 2231, 352, 11, 24409, 13, 3980]),
    ("don't DON'T", [9099, 470, 23917, 6, 51]),
    ("\u{a0}nbsp", [1849, 77, 24145]),
    ("https://example.com/a_b?c=d", [5450, 1378, 20688, 13, 785, 14, 64, 62, 65, 30, 66, 28, 67]),
    ("def f(x):\n    return x", [4299, 277, 7, 87, 2599, 198, 220, 220, 220, 1441, 2124]),
    ("\u{dc}n\u{ef}c\u{f6}d\u{e9}", [127, 250, 77, 26884, 66, 9101, 67, 2634]),
    ("The Eiffel Tower is located in the city of", [464, 412, 733, 417, 8765, 318, 5140, 287, 262, 1748, 286]),
    (" ", [220]),
    ("\t", [197]),
    ("", []),
    ("\u{b2}\u{bd}\u{2167}\u{663}", [31185, 23141, 158, 227, 100, 149, 96]),
    ("e\u{301} combining", [68, 136, 223, 19771]),
    (
      "\u{1f1eb}\u{1f1f7}\u{1f469}\u{200d}\u{1f469}\u{200d}\u{1f467}",
      [
        8582, 229, 104, 8582, 229, 115, 41840, 102, 447, 235, 41840, 102, 447, 235, 41840, 100,
      ]
    ),
    ("today\n \n", [40838, 198, 220, 198]),
    ("0000000000000000", [25645]),
    ("'rer", [821, 81]),
    ("GPT2 inference runtime in C++ and CUDA", [38, 11571, 17, 32278, 19124, 287, 327, 4880, 290, 29369, 5631]),
    (
      "Q: What is the capital of France?\nA: Paris\nQ: What is the capital of Poland?\nA:",
      [
        48, 25, 1867, 318, 262, 3139, 286, 4881, 30, 198, 32, 25, 6342, 198, 48, 25, 1867, 318, 262, 3139, 286,
        12873, 30, 198, 32, 25,
      ]
    ),
  ]

  static let neox: [(String, [Int])] = [
    ("Hello world!", [12092, 1533, 2]),
    ("<|endoftext|>Hello world!", [0, 12092, 1533, 2]),
    ("My favorite food is", [3220, 7583, 2739, 310]),
    (
      "When John and Mary went to the store, John gave a drink to",
      [
        3039, 2516, 285, 6393, 2427, 281, 253, 4657, 13, 2516, 3534, 247, 5484, 281,
      ]
    ),
    ("    return x\n", [50274, 2309, 1269, 187]),
    ("  two", [50276, 9389]),
    ("e\u{301}", [860]),
  ]
}
