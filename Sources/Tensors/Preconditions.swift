// Preconditions that say their sentence in optimised code too.
//
// The numeric modules are optimised even for debugging, and there Swift's own functions of these names stop the program
// without printing their message: a wrong shape would be a bare trap. These stand in for them in this module and, within
// the package, wherever a file imports it.

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Stops the program with a sentence when a caller broke a rule.
@usableFromInline
package func precondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String = "", file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition() { stop(message(), file, line) }
}

/// Stops the program with a sentence.
@usableFromInline
package func preconditionFailure(
  _ message: @autoclosure () -> String = "", file: StaticString = #fileID, line: UInt = #line
) -> Never {
  stop(message(), file, line)
}

@inline(never)
private func stop(_ message: String, _ file: StaticString, _ line: UInt) -> Never {
  let sentence = Array("\(file):\(line): \(message)\n".utf8)
  _ = write(STDERR_FILENO, sentence, sentence.count)
  Swift.preconditionFailure(message)
}
