// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "benchmarks",
  platforms: [.macOS(.v26)],
  dependencies: [.package(name: "replications", path: "..")],
  targets: [
    .executableTarget(
      name: "Bench",
      dependencies: [
        .product(name: "Tensors", package: "replications"),
        .product(name: "ToyModels", package: "replications"),
        .product(name: "Transformer", package: "replications"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
