/// One row of a forest plot.
public struct ForestRow: Sendable, Hashable {
  /// The name at the left, wrapped if long.
  public var label: String
  /// The estimate, its interval, and what it is compared with; its position is set by the row's place.
  public var interval: Interval
  /// The text at the right, such as the numbers or the verdict.
  public var note: String

  /// Makes a row called `label`.
  public init(
    _ label: String, estimate: Double?, range: ClosedRange<Double>? = nil, published: Double? = nil,
    margin: Double? = nil, control: Double? = nil, samples: [Double] = [], note: String = ""
  ) {
    self.label = label
    self.interval = Interval(
      at: 0, estimate: estimate, range: range, published: published, margin: margin, control: control,
      samples: samples, title: nil)
    self.note = note
  }
}

extension Panel {
  /// Rows of intervals under each other, each beside the published value and its margin, the first row at the top.
  public static func forest(
    title: String = "", _ rows: [ForestRow], x: Axis = .linear(), name: String = "measured", width: Double = 300
  ) -> Panel {
    let lines = rows.map { row in
      TextWrapping.lines(row.label, width: AxisLabels.categoryWidth, size: AxisLabels.textSize).count
    }
    let rowHeight = Double(max(lines.max() ?? 1, 1)) * AxisLabels.textSize * TextMetrics.lineHeight + 10
    var intervals: [Interval] = []
    for (position, row) in rows.enumerated() {
      var interval = row.interval
      interval.position = Double(position)
      interval.title = [row.label, interval.numbers].filter { !$0.isEmpty }.joined(separator: ": ")
      intervals.append(interval)
    }
    return Panel(
      title: title, x: x, y: .categories(rows.map(\.label), reversed: true),
      size: Size(width, rowHeight * Double(max(rows.count, 1))),
      marks: [
        .intervals(intervals, name: name, orientation: .horizontal), Mark(RowNotes(notes: rows.map(\.note))),
      ])
  }
}

/// The texts to the right of the rows of a forest plot.
struct RowNotes: MarkContent {
  let notes: [String]

  func extents(logX: Bool, logY: Bool) -> (x: Extent?, y: Extent?) { (nil, nil) }

  func edgeLabels(_ inks: SeriesInks) -> [EdgeLabel] {
    notes.enumerated().filter { !$0.element.isEmpty }.map { index, note in
      EdgeLabel(side: .right, range: Double(index)...Double(index), text: note, ink: .foreground)
    }
  }

  var rows: [DataRow] {
    notes.enumerated().filter { !$0.element.isEmpty }.map { index, note in
      DataRow(mark: "note", y: Double(index), label: note)
    }
  }

  /// Notes stand outside the frame, where the layout draws them with the other edge labels.
  func draw(on canvas: inout PanelCanvas) {}
}
