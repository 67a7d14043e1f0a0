/// One datum as it stands in the data file beside a figure.
struct DataRow: Equatable {
  /// The kind of mark, such as `line`.
  var mark: String
  var series: String?
  var x: Double?
  var y: Double?
  var low: Double?
  var high: Double?
  /// A third quantity: what the colour shows.
  var value: Double?
  var label: String?
}

/// The data of a figure in long form: one row per datum, as CSV after RFC 4180 with `\n` between lines.
enum DataTable {
  static let header = "panel,title,mark,series,x,y,low,high,value,label"

  /// The file for rows grouped by panel; `panel` counts from 1 in reading order.
  static func csv(_ panels: [(title: String, rows: [DataRow])]) -> String {
    var output = header + "\n"
    for (index, panel) in panels.enumerated() {
      for row in panel.rows {
        let numbers = [row.x, row.y, row.low, row.high, row.value].map { $0.map(NumberFormat.exact) ?? "" }
        let fields =
          [String(index + 1), quoted(panel.title), row.mark, quoted(row.series ?? "")] + numbers
          + [quoted(row.label ?? "")]
        output += fields.joined(separator: ",") + "\n"
      }
    }
    return output
  }

  /// `text` in quotation marks where CSV needs them.
  static func quoted(_ text: String) -> String {
    // Swift treats "\r\n" as one character, so scalars are searched.
    let needsQuotes = text.unicodeScalars.contains { [",", "\"", "\n", "\r"].contains($0) }
    guard needsQuotes else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
