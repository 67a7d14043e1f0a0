import Testing

@testable import Plotting

@Suite("Data table")
struct DataTableTests {
  @Test("Fields with commas, quotes or line breaks are quoted as RFC 4180 says")
  func quoting() {
    #expect(DataTable.quoted("plain") == "plain")
    #expect(DataTable.quoted("a,b") == "\"a,b\"")
    #expect(DataTable.quoted("say \"hi\"") == "\"say \"\"hi\"\"\"")
    #expect(DataTable.quoted("\"") == "\"\"\"\"")
    #expect(DataTable.quoted("two\nlines") == "\"two\nlines\"")
    #expect(DataTable.quoted("two\r\nlines") == "\"two\r\nlines\"")
  }

  @Test("A figure's data are what it draws, in full precision, gaps included")
  func lines() {
    let figure = Figure(
      title: "t",
      panels: [
        Panel(
          title: "left, right",
          marks: [
            .line("loss", xs: [0, 1], ys: [1.0 / 3, .nan], low: [0.25, 0], high: [0.5, 1]), .published(72, margin: 1),
          ]),
        .matrix(title: "m", [[1, 2]], colors: .sequential("v", 0...2)),
      ])
    #expect(
      figure.csv == """
        panel,title,mark,series,x,y,low,high,value,label
        1,"left, right",line,loss,0,0.3333333333333333,0.25,0.5,,
        1,"left, right",line,loss,1,nan,0,1,,
        1,"left, right",published,,,72,71,73,,72 ± 1
        2,m,heat map,,0,0,,,1,
        2,m,heat map,,1,0,,,2,

        """)
  }

  @Test("Every mark of the gallery has data, each line with ten fields")
  func fieldCounts() {
    for entry in Gallery.entries + Gallery.stress {
      for line in entry.figure.csv.split(separator: "\n").dropFirst() where !line.contains("\"") {
        #expect(line.count { $0 == "," } == 9, "\(entry.name): \(line)")
      }
    }
    for panel in Gallery.entries.flatMap({ $0.figure.rows.joined() }) {
      #expect(panel.marks.allSatisfy { !$0.content.rows.isEmpty })
    }
  }

  @Test("Stacked bars list each segment with where it stands")
  func stacks() {
    let mark = Mark.stackedBars([[1, 2, -3]], names: ["a", "b", "c"])
    #expect(mark.content.rows.map(\.y) == [1, 2, -3])
    #expect(mark.content.rows.map(\.low) == [0, 1, -3])
    #expect(mark.content.rows.map(\.high) == [1, 3, 0])
    #expect(mark.content.rows.map(\.series) == ["a", "b", "c"])
  }
}
