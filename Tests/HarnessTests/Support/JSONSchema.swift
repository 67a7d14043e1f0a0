// As much of JSON Schema as the record's schema uses, to hold records against it.

import Foundation

/// The root of the package that holds this file.
let projectRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()

/// A schema that values can be held against.
struct JSONSchema {
  private let root: [String: Any]

  init(contentsOf url: URL) throws {
    root = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
  }

  /// What does not fit in a text of JSON, each with the path of keys.
  func problems(in data: Data) throws -> [String] {
    problems(try JSONSerialization.jsonObject(with: data), root, "")
  }

  /// The paths of all properties without a description.
  var undocumented: [String] {
    func visit(_ schema: [String: Any], _ path: String) -> [String] {
      let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
      return properties.sorted { $0.key < $1.key }.flatMap { key, property in
        let here = "\(path).\(key)"
        let isDocumented = property["description"] != nil || property["$ref"] != nil
        return (isDocumented ? [] : [here]) + visit(property, here)
      }
    }
    let definitions = root["$defs"] as? [String: [String: Any]] ?? [:]
    return visit(root, "")
      + definitions.sorted { $0.key < $1.key }.flatMap { name, definition in
        (definition["description"] == nil ? [name] : []) + visit(definition, name)
      }
  }

  private func problems(_ value: Any, _ schema: [String: Any], _ path: String) -> [String] {
    if let reference = schema["$ref"] as? String, let name = reference.split(separator: "/").last {
      let definitions = root["$defs"] as? [String: [String: Any]]
      guard let definition = definitions?[String(name)] else { return ["\(path): \(reference) is not defined"] }
      return problems(value, definition, path)
    }
    if let choices = schema["anyOf"] as? [[String: Any]] {
      let fits = choices.contains { problems(value, $0, path).isEmpty }
      return fits ? [] : ["\(path): fits none of the choices"]
    }
    if let names = schema["type"] as? [String] ?? (schema["type"] as? String).map({ [$0] }),
      !names.contains(where: { has(value, type: $0) })
    {
      return ["\(path): is not a \(names.joined(separator: " or "))"]
    }
    if let allowed = schema["enum"] as? [AnyHashable], let value = value as? AnyHashable, !allowed.contains(value) {
      return ["\(path): is not one of \(allowed.map(\.base))"]
    }
    if let object = value as? [String: Any] { return problems(of: object, schema, path) }
    if let array = value as? [Any], let items = schema["items"] as? [String: Any] {
      return array.enumerated().flatMap { problems($1, items, "\(path)[\($0)]") }
    }
    return []
  }

  private func problems(of object: [String: Any], _ schema: [String: Any], _ path: String) -> [String] {
    let properties = schema["properties"] as? [String: [String: Any]] ?? [:]
    let prefix = path.isEmpty ? "" : "\(path)."
    let required = schema["required"] as? [String] ?? []
    let missing = required.filter { object[$0] == nil }.map { "\(prefix)\($0): is missing" }
    return missing
      + object.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
        if let property = properties[key] { return problems(value, property, prefix + key) }
        if let others = schema["additionalProperties"] as? [String: Any] {
          return problems(value, others, prefix + key)
        }
        return schema["additionalProperties"] as? Bool == false ? ["\(prefix)\(key): is not in the schema"] : []
      }
  }

  private func has(_ value: Any, type: String) -> Bool {
    switch type {
    case "object": value is [String: Any]
    case "array": value is [Any]
    case "string": value is String
    case "null": value is NSNull
    case "boolean": isBoolean(value)
    case "integer":
      !isBoolean(value) && (value as? NSNumber).map { $0.doubleValue.rounded() == $0.doubleValue } ?? false
    default: !isBoolean(value) && value is NSNumber
    }
  }

  private func isBoolean(_ value: Any) -> Bool {
    guard let number = value as? NSNumber else { return false }
    return number === NSNumber(value: true) || number === NSNumber(value: false)
      || String(cString: number.objCType) == "c"
  }
}
