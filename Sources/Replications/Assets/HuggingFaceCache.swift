// Hugging Face's own cache, in which a model may lie that a user has downloaded with other programs.
//
// A repository is `models--OWNER--NAME`, and `snapshots/COMMIT` in it has its files under their names (huggingface_hub,
// "Understand caching"). Older versions left the owner out for models without one, of which GPT-2 was one.

import Foundation

/// The cache of Hugging Face's programs.
enum HuggingFaceCache {
  /// The folder of the cache: `HF_HUB_CACHE`, or `hub` in `HF_HOME`, or in `~/.cache/huggingface`.
  static func folder(in environment: [String: String]) -> URL {
    func named(_ name: String) -> URL? {
      environment[name].flatMap { $0.isEmpty ? nil : URL(filePath: $0) }
    }
    if let cache = named("HF_HUB_CACHE") { return cache }
    let home = named("HOME") ?? FileManager.default.homeDirectoryForCurrentUser
    return (named("HF_HOME") ?? home.appending(components: ".cache", "huggingface")).appending(path: "hub")
  }

  /// Where the cache has what an address names, `https://huggingface.co/OWNER/NAME/resolve/COMMIT/FILE`; none for others.
  static func places(of address: String, in cache: URL) -> [URL] {
    guard let match = address.wholeMatch(of: /https:\/\/huggingface\.co\/([^\/]+)\/([^\/]+)\/resolve\/([^\/]+)\/(.+)/)
    else { return [] }
    let (_, owner, name, commit, file) = match.output
    return ["models--\(owner)--\(name)", "models--\(name)"].map { repository in
      cache.appending(components: repository, "snapshots", String(commit)).appending(path: String(file))
    }
  }
}
