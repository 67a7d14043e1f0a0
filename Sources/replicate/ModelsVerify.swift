// `replicate models verify`: whether the files that are here are those that were stated.

import ArgumentParser
import Foundation
import Replications

/// Checks the files of assets.
struct ModelsVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Hash the models and data that are here.",
    discussion: "Exit codes: 0 all that is here is as stated; 1 a file is another, or one that was named is not here.")

  @Argument(help: "The ids of assets; all that are here unless given.")
  var ids: [String] = []

  @OptionGroup var workspace: WorkspaceOptions

  mutating func run() throws {
    let catalogue = try Catalogue(workspace.workspace())
    var isWrong = false
    for asset in try ids.isEmpty ? catalogue.all : catalogue.assets(ids) {
      guard catalogue.place(of: asset) != nil || !ids.isEmpty else { continue }
      do throws(AssetError) {
        write("\(asset.id): as stated, \(try catalogue.assets.file(asset.id).path)")
      } catch {
        isWrong = true
        let sentence = "\(error)"
        write(sentence.hasPrefix(asset.id) ? sentence : "\(asset.id): \(sentence)")
      }
    }
    if isWrong { throw ExitCode(1) }
  }
}
