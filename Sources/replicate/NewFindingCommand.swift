// `replicate new-finding`: the files that a new finding begins with.

import ArgumentParser
import Replications

/// Begins a finding.
struct NewFindingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new-finding",
    abstract: "Begin a finding: claims, experiment, suite and note, which build and run as they are.")

  @Argument(help: "The name, written like a type, for instance InductionHeads.")
  var name: String

  @Option(help: "The paper's key: author, year and a word of the title, for instance olsson2022induction.")
  var paper: String

  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    do throws(NewFinding.Refusal) {
      _ = try NewFinding(name: name, paper: paper)
    } catch {
      throw ValidationError(error.description)
    }
    for path in try NewFinding(name: name, paper: paper).write(under: workspace.workspace()) { write(path) }
    write("\nNow: swift test --filter \(name)")
  }
}
