// Numbers as people read them in messages and on the board.

import Foundation

extension Double {
  /// The number to four significant digits, without trailing zeros.
  var brief: String {
    guard isFinite else { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
    if self == rounded(), magnitude < 1e6 { return String(Int(self)) }
    return String(format: "%.4g", self)
  }
}
