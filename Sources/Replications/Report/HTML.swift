// What all HTML of the site is made with: escaping, and Mustache templates that escape in the same way.

import Mustache

/// Pieces of HTML.
enum HTML {
  /// A text that is safe between tags and between quotation marks.
  ///
  /// It goes by scalars: a combining mark after a quotation mark makes one `Character` of both, which an escaping by
  /// characters, Mustache's own among them, lets through. What HTML forbids becomes U+FFFD.
  static func escape(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n": result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value): result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Whether an address may be linked to: on the web or within the site, never a script.
  static func isSafe(address: String) -> Bool {
    let scheme = address.prefix { $0 != ":" && $0 != "/" && $0 != "?" && $0 != "#" }
    guard address.dropFirst(scheme.count).first == ":" else { return !address.isEmpty }
    return ["http", "https", "mailto"].contains(scheme.lowercased())
  }

  /// Wide content in a box that scrolls by itself and can be reached by keyboard.
  static func scrolling(_ html: String, label: String) -> String {
    "<div class=\"scrolling\" role=\"region\" tabindex=\"0\" aria-label=\"\(escape(label))\">\(html)</div>"
  }

  /// Renders a template with a view, whose properties are the template's names.
  static func render(_ template: String, _ view: Any) throws -> String {
    MustacheContentTypes.register(ScalarEscaping(), named: "SCALARS")
    return try MustacheTemplate(string: "{{% CONTENT_TYPE: SCALARS}}\(template)").render(view)
  }

  private struct ScalarEscaping: MustacheContentType {
    func escapeText(_ text: String) -> String { HTML.escape(text) }
  }
}
