// `replicate model inspect`: what a model is made of.

import ArgumentParser
import Foundation
import Transformer

/// Shows family, configuration and tensors of a model.
struct ModelInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show a model's family, configuration, tensors and number of parameters.")

  @OptionGroup var source: ModelPath

  @Flag(help: "Print JSON.")
  var json = false

  mutating func run() throws {
    let checkpoint = try Checkpoint(at: source.path)
    let model = try source.model()
    let summary = Summary(
      family: try family(of: checkpoint), format: checkpoint.format.rawValue, parameters: model.parameterCount,
      configuration: model.configuration,
      tensors: try checkpoint.names.map { name in
        Summary.Entry(
          name: name, shape: try checkpoint.shape(of: name), type: try checkpoint.elementType(of: name).rawValue)
      })
    if json { return try writeJSON(summary) }

    write("family         \(summary.family)")
    write("format         \(summary.format)")
    write("parameters     \(summary.parameters)")
    write("configuration")
    for (name, value) in Mirror(reflecting: model.configuration).children {
      guard let name, let text = Self.shown(value) else { continue }
      write("  \(name)\(String(repeating: " ", count: max(1, 26 - name.count)))\(text)")
    }
    var table = Table(header: ["tensor", "type", "shape"])
    table.rows = summary.tensors.map { [$0.name, $0.type, "\($0.shape)"] }
    write("\n" + table.lines().joined(separator: "\n"))
  }

  /// The name of the family as the model's files have it.
  private func family(of checkpoint: Checkpoint) throws -> String {
    switch checkpoint.format {
    case .llmC: return "gpt2"
    case .llama2C: return "llama"
    case .safetensors, .torch, .numpy:
      let file = source.folder.appending(path: "config.json").path
      return try JSONValue(contentsOf: file)["model_type"]?.string ?? "TransformerLens"
    }
  }

  /// A choice of the configuration as text; nil when it is none.
  private static func shown(_ value: Any) -> String? {
    switch value {
    case let positions as Positions: return words(positions)
    case let windows as [Int?]:
      return windows.isEmpty ? nil : windows.map { $0.map(String.init) ?? "all" }.joined(separator: ", ")
    default: break
    }
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .optional else { return String(describing: value) }
    return mirror.children.first.map { String(describing: $0.value) }
  }

  /// How a model knows positions, in words.
  private static func words(_ positions: Positions) -> String {
    guard let rotary = positions.rotary else { return String(describing: positions) }
    let base = "rotary: \(rotary.dimension) dimensions, base \(rotary.base), \(rotary.pairs.rawValue)"
    switch rotary.scaling {
    case .none: return base
    case .linear(let factor): return base + ", stretched \(factor) times"
    case .llama3(let factor, let low, let high, let context):
      return base + ", stretched \(factor) times as Llama 3 (low \(low), high \(high), context \(context))"
    }
  }

  /// A model as JSON.
  struct Summary: Encodable {
    /// A tensor of the file.
    struct Entry: Encodable {
      let name: String
      let shape: [Int]
      let type: String
    }

    let family: String
    let format: String
    let parameters: Int
    let configuration: TransformerConfiguration
    let tensors: [Entry]
  }
}
