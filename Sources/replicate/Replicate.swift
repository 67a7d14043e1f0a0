// The command: the experiments of the suites, from a shell. It only parses, prints and chooses exit codes; everything
// it shows is computed by Replications.

import ArgumentParser
import Foundation
import Replications

/// Replicates published findings.
@main
struct Replicate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Replicate published findings of interpretability research, and look into language models.",
    discussion: """
      Exit codes: 0 all that was evaluated is as expected; 1 something was not reproduced or is inconclusive; \
      2 wrong usage; 3 something could not be run, or nothing was evaluated; 130 interrupted.
      """,
    subcommands: [
      List.self, Show.self, Run.self, Status.self, Report.self, Publish.self, Merge.self, Compare.self, Bundle.self,
      Verify.self, Badges.self, Remember.self, NewFindingCommand.self, Models.self, Model.self,
    ])

  /// The findings that the command knows; tests bring their own.
  @TaskLocal static var registry = Registry.standard

  static func main() async {
    Foundation.exit(await run(Array(CommandLine.arguments.dropFirst())))
  }

  /// Runs the command and gives its exit code; unlike with the parser's own entry, wrong usage is 2.
  static func run(_ arguments: [String]) async -> Int32 {
    do {
      var command = try parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      return 0
    } catch let code as ExitCode {
      return code.rawValue
    } catch let error where error is SelectionError || error is WorkspaceError || error is ModelUsageError {
      write("error: \(error)", to: .standardError)
      return 2
    } catch  where exitCode(for: error) == .validationFailure {
      write(fullMessage(for: error), to: .standardError)
      return 2
    } catch  where exitCode(for: error) == .success {
      write(fullMessage(for: error))
      return 0
    } catch {
      write("error: \(error)", to: .standardError)
      return 3
    }
  }
}
