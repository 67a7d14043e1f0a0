/// What a mark is drawn with: a role that each theme gives a colour, or one fixed colour.
///
/// Roles adapt to light and dark backgrounds; a fixed colour does not, so it suits fills whose colour carries a value.
public enum Ink: Sendable, Hashable {
  /// The colour of the series with this index; indices past the palette wrap around.
  case series(Int)
  /// The colour of ordinary text and strong lines.
  case foreground
  /// The colour of secondary text and quiet lines.
  case muted
  /// The colour kept for published values.
  case published
  /// The colour kept for negative controls.
  case control
  /// The colour of axes.
  case axis
  /// The colour of grid lines and faint frames.
  case grid
  /// The colour of the background.
  case surface
  /// One fixed colour in every theme.
  case fixed(RGB)

  /// The name of the role in the style sheet; nil for a fixed colour.
  var role: String? {
    switch self {
    case .series(let index): "c\(((index % Palette.seriesCount) + Palette.seriesCount) % Palette.seriesCount)"
    case .foreground: "text"
    case .muted: "muted"
    case .published: "published"
    case .control: "control"
    case .axis: "axis"
    case .grid: "grid"
    case .surface: "surface"
    case .fixed: nil
    }
  }
}
