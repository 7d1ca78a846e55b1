// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nothing else has to fetch or build its dependencies. Its traits
// are off because they need a jemalloc of another build; allocations are `Counts/run`'s affair.
let package = Package(
    name: "gyre-micro-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "gyre-benchmarks", path: ".."),
        .package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "Micro",
            dependencies: [
                .product(name: "HotPaths", package: "gyre-benchmarks"),
                .product(name: "Benchmark", package: "benchmark"),
            ],
            // The plugin wants a benchmark's folder to lie in one called Benchmarks: this one does.
            path: ".",
            sources: ["Micro.swift"],
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ]
)
