/// How much room a text takes, estimated without a font.
///
/// A viewer picks its own sans-serif, so widths come from a wide one (the advance widths of DejaVu Sans, in thousandths of
/// the size): Helvetica, Arial, Segoe UI and Roboto are narrower, and what fits by this table fits there.
enum TextMetrics {
  /// Height of a line of text as a multiple of its size.
  static let lineHeight = 1.25
  /// Reach above the baseline as a multiple of the size.
  static let ascent = 0.78
  /// Reach below the baseline as a multiple of the size.
  static let descent = 0.24

  /// The width of `text` at `size` pixels.
  static func width(_ text: some StringProtocol, size: Double, bold: Bool = false) -> Double {
    var thousandths = 0
    for scalar in text.unicodeScalars { thousandths += advance(scalar, bold: bold) }
    return Double(thousandths) * size / 1000
  }

  /// The width of the longest word of `text`, which no wrapping can go below without breaking a word.
  static func longestWord(_ text: String, size: Double, bold: Bool = false) -> Double {
    text.split(whereSeparator: \.isWhitespace).map { width($0, size: size, bold: bold) }.max() ?? 0
  }

  private static func advance(_ scalar: Unicode.Scalar, bold: Bool) -> Int {
    switch scalar.value {
    case 32...126: return Int((bold ? boldWidths : regularWidths)[Int(scalar.value) - 32])
    case 0x300...0x36F, 0x200B...0x200D, 0xFE00...0xFE0F: return 0  // combining marks and joiners
    case 0xB2, 0xB3, 0xB9, 0x2070...0x209F: return bold ? 530 : 528  // superscripts and subscripts
    case 0xB7: return 400  // middle dot
    case 0xC0...0x17F, 0x370...0x3FF: return bold ? 860 : 800  // accented Latin, Greek
    case 0x1D2C...0x1D6A: return 600  // modifier letters such as ᵀ
    case 0x2010...0x2016: return 1001  // dashes
    case 0x2018...0x201F: return 530  // quotation marks
    case 0x1100...0x11FF, 0x2E80...0xD7FF, 0xF900...0xFAFF, 0xFF00...0xFF60: return 1050  // East Asian, full width
    case 0x1F000...0x1FAFF: return 1400  // pictographs
    default: return 1040
    }
  }

  private static let regularWidths: [UInt16] = [
    318, 401, 460, 838, 637, 951, 780, 275, 391, 391, 501, 838, 318, 361, 318, 337, 637, 637, 637, 637, 637, 637, 637,
    637, 637, 637, 337, 337, 838, 838, 838, 531, 1001, 685, 687, 699, 771, 632, 576, 775, 752, 295, 295, 656, 558, 863,
    749, 788, 604, 788, 695, 635, 611, 732, 685, 989, 686, 611, 686, 391, 337, 391, 838, 501, 501, 613, 635, 550, 635,
    616, 353, 635, 634, 278, 278, 580, 278, 975, 634, 612, 635, 635, 412, 521, 393, 634, 592, 818, 592, 592, 525, 637,
    337, 637, 838,
  ]

  private static let boldWidths: [UInt16] = [
    349, 457, 521, 838, 696, 1002, 873, 307, 458, 458, 523, 838, 380, 416, 380, 366, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 696, 400, 400, 838, 838, 838, 581, 1001, 774, 763, 734, 831, 684, 684, 821, 837, 373, 373, 775, 638, 996,
    837, 851, 733, 851, 771, 721, 683, 813, 774, 1104, 771, 725, 726, 458, 366, 458, 838, 501, 501, 675, 716, 593, 716,
    679, 436, 716, 712, 343, 343, 666, 343, 1042, 712, 688, 716, 716, 494, 596, 479, 712, 652, 924, 646, 652, 583, 712,
    366, 712, 838,
  ]
}
