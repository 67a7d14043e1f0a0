/// Which background a figure is drawn for.
public enum Theme: String, Sendable, CaseIterable {
  /// Light by default; dark where the viewer prefers it and understands media queries.
  case automatic
  /// Always light.
  case light
  /// Always dark.
  case dark

  /// The class of the root element, so that figures of several themes can share one HTML page.
  var rootClass: String { "plot-\(rawValue)" }

  /// The rules that give each role its colour.
  ///
  /// Plain classes rather than custom properties: converters such as librsvg know the former only.
  var styleSheet: String {
    let base = Self.rules(self == .dark ? .dark : .light, root: rootClass)
    guard self == .automatic else { return base }
    return base + "\n@media (prefers-color-scheme:dark){\n" + Self.rules(.dark, root: rootClass) + "\n}"
  }

  private static func rules(_ palette: Palette, root: String) -> String {
    palette.roles.map { name, color in
      ".\(root) .f-\(name){fill:\(color.hex)}.\(root) .s-\(name){stroke:\(color.hex)}"
    }.joined(separator: "\n")
  }
}
