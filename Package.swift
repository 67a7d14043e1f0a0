// swift-tools-version: 6.2
import PackageDescription

/// Optimises a target in debug builds too.
///
/// `swift test` builds for debugging, where unoptimised numeric loops run 10–170 times slower. Only `-O` is asked for,
/// so files of one module do not inline into each other: a per-element loop stays in one file, or is `@inlinable` in a
/// lower module.
let fast: [SwiftSetting] = [.unsafeFlags(["-O"], .when(configuration: .debug))]

let package = Package(
  name: "replications",
  platforms: [.macOS(.v26)],
  products: [
    .library(name: "Tensors", targets: ["Tensors"]),
    .library(name: "ToyModels", targets: ["ToyModels"]),
    .library(name: "Transformer", targets: ["Transformer"]),
    .library(name: "Plotting", targets: ["Plotting"]),
    .library(name: "Replications", targets: ["Replications"]),
    .executable(name: "replicate", targets: ["replicate"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
  ],
  targets: [
    // MARK: - Doors to C

    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas",
      providers: [.apt(["libopenblas-dev"]), .brew(["openblas"])]),
    .systemLibrary(
      name: "CArchive", pkgConfig: "libarchive",
      providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),

    // MARK: - Libraries

    .target(name: "Tensors", dependencies: ["COpenBLAS"], swiftSettings: fast),
    .target(name: "ToyModels", dependencies: ["Tensors"], swiftSettings: fast),
    // Its arithmetic is all in Tensors: optimising the rest too would make every cold build half a minute longer.
    .target(name: "Transformer", dependencies: ["Tensors", "CArchive"]),
    .target(name: "Plotting"),
    .target(
      name: "Replications",
      dependencies: [
        "Tensors", "ToyModels", "Transformer", "Plotting", "CArchive",
        .product(name: "Yams", package: "Yams"),
        .product(name: "Mustache", package: "swift-mustache"),
      ],
      swiftSettings: fast),

    // MARK: - The command

    .executableTarget(
      name: "replicate",
      dependencies: [
        "Replications", "Transformer", "Tensors",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // MARK: - Tests

    .testTarget(name: "TensorsTests", dependencies: ["Tensors"]),
    .testTarget(name: "ToyModelsTests", dependencies: ["ToyModels", "Tensors", "Transformer"]),
    .testTarget(name: "TransformerTests", dependencies: ["Transformer", "Tensors"]),
    .testTarget(name: "PlottingTests", dependencies: ["Plotting"]),
    .testTarget(
      name: "HarnessTests",
      dependencies: ["Replications", "Plotting", "Tensors", "ToyModels", "Transformer", "replicate"]),
    .testTarget(name: "ReplicationTests", dependencies: ["Replications"]),
  ],
  swiftLanguageModes: [.v6]
)
