// The extent of a list of indices, found here because this module is optimised in debug builds too.

/// The least and the greatest of some indices; nil of none.
package func bounds(of indices: [Int]) -> ClosedRange<Int>? {
  guard var least = indices.first else { return nil }
  var greatest = least
  for index in indices {
    least = min(least, index)
    greatest = max(greatest, index)
  }
  return least...greatest
}
