import Foundation
import Testing

@testable import Replications

@Suite("The catalogue of assets") struct CatalogueTests {
  @Test("every address is safe and names a commit, and every claim's need is in the catalogue")
  func stated() throws {
    let assets = try Assets(root: projectRoot, environment: [:]).assets
    #expect(assets.count >= 18)
    for asset in assets.values {
      #expect(asset.url.hasPrefix("https://") && asset.url.contains(/\/[0-9a-f]{40}(\/|$)/), "\(asset.id)")
      #expect(asset.bytes > 0)
    }
    #expect(Set(assets.values.map(\.file)).count == assets.count)
    let library = try Library.load(papers: projectRoot.appending(path: "papers"))
    for claim in library.claims {
      for id in claim.needs.flatMap(Assets.alternatives) where id != Assets.ownText {
        #expect(assets[id] != nil, "\(claim.id) needs \(id)")
      }
    }
  }

  @Test("a text of the reader's own is what REPLICATIONS_TEXT names")
  func ownText() throws {
    let none = try Assets(root: projectRoot, environment: [:])
    #expect(throws: AssetError.noOwnText) { try none.file(Assets.ownText) }
    #expect(none.sha256(Assets.ownText) == nil)
    let file = projectRoot.appending(path: "Package.swift")
    let named = try Assets(root: projectRoot, environment: ["REPLICATIONS_TEXT": file.path])
    #expect(try named.file(Assets.ownText).path == file.path)
    #expect(named.sha256(Assets.ownText)?.count == 64)
    let missing = try Assets(root: projectRoot, environment: ["REPLICATIONS_TEXT": "/nowhere/text.txt"])
    #expect(throws: AssetError.unreadable(path: "/nowhere/text.txt")) { try missing.file(Assets.ownText) }
  }

  @Test("downloads go to REPLICATIONS_MODELS, else to the cache of the user")
  func cache() {
    #expect(Assets.cache(in: ["REPLICATIONS_MODELS": "/m", "XDG_CACHE_HOME": "/x"]).path == "/m")
    #expect(Assets.cache(in: ["REPLICATIONS_MODELS": "", "XDG_CACHE_HOME": "/x"]).path == "/x/replications/models")
    #expect(Assets.cache(in: ["HOME": "/h"]).path == "/h/.cache/replications/models")
  }
}
