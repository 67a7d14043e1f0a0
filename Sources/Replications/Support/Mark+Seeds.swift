// How figures show several seeds: the mean as a line, and the range from the lowest to the highest seed as a band.

import Plotting

extension Mark {
  /// A line through the means over seeds with a band from the lowest to the highest of them.
  ///
  /// Where no seed has a finite value the line has a gap.
  ///
  /// - Parameters:
  ///   - name: The series' name in legend and data; nil to leave it out of the legend.
  ///   - xs: The places of the values, common to all seeds.
  ///   - seeds: The values, `[seed][place]`.
  static func seeds(
    _ name: String?, xs: [Double], _ seeds: [[Double]], color: Coloring = .automatic, style: LineStyle = .solid,
    markers: Bool = true
  ) -> Mark {
    let columns = xs.indices.map { place in seeds.map { $0[place] }.filter(\.isFinite) }
    return .line(
      name, xs: xs, ys: columns.map { $0.isEmpty ? .nan : mean($0) }, low: columns.map { $0.min() ?? .nan },
      high: columns.map { $0.max() ?? .nan }, color: color, style: style, markers: markers)
  }
}
