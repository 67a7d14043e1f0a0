import Replications
import Testing

@Suite("Seed runs") struct SeedRunTests {
  @Test("randomness depends on root seed, finding, experiment, seed and label, and on nothing else")
  func streams() {
    func key(
      _ finding: String = "A", _ experiment: String = "B", root: UInt64 = 0, index: Int = 0, _ label: String = "x"
    )
      -> UInt64
    {
      SeedRun(finding: finding, experiment: experiment, rootSeed: root, index: index).random(label).key
    }
    #expect(key() == key())
    let others = [key("C"), key("A", "C"), key(root: 1), key(index: 1), key("A", "B", "y")]
    #expect(Set(others + [key()]).count == 6)
  }

  @Test("a stream does not depend on what was drawn before")
  func independence() {
    let run = SeedRun(finding: "A", experiment: "B")
    var first = run.random("data")
    _ = first.next()
    var again = run.random("data")
    var fresh = SeedRun(finding: "A", experiment: "B").random("data")
    #expect(again.next() == fresh.next())
  }
}
