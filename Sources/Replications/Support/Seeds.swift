// What experiments and their figures say about several seeds.

/// "1 seed" or "5 seeds".
func seedsInWords(_ count: Int) -> String { count == 1 ? "1 seed" : "\(count) seeds" }

/// The mean; nan of nothing.
func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
