// swift-tools-version: 6.2
import PackageDescription

// The engine alone, so that a fault in it is built and tested in seconds; run.sh copies this file over Package.swift.

let fast: [SwiftSetting] = [.unsafeFlags(["-O"])]

let package = Package(
  name: "replications",
  platforms: [.macOS(.v26)],
  targets: [
    .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas"),
    .systemLibrary(name: "CArchive", pkgConfig: "libarchive"),
    .target(name: "Tensors", dependencies: ["COpenBLAS"], swiftSettings: fast),
    .target(name: "ToyModels", dependencies: ["Tensors"], swiftSettings: fast),
    .target(name: "Transformer", dependencies: ["Tensors", "CArchive"]),
    .testTarget(name: "ToyModelsTests", dependencies: ["ToyModels", "Tensors", "Transformer"], swiftSettings: fast),
    .testTarget(name: "TransformerTests", dependencies: ["Transformer", "Tensors"]),
  ],
  swiftLanguageModes: [.v6]
)
