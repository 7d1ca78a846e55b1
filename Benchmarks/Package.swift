// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Code whose instructions are counted, and which is never run. Its loops are not unrolled: how
// often one is depends on its length, so that a longer loop could have fewer instructions in all.
func counted(_ name: String, path: String) -> Target {
    .target(
        name: name,
        dependencies: [.product(name: "RingCore", package: "gyre")],
        path: path,
        swiftSettings: [
            .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
            .unsafeFlags(["-Xllvm", "-unroll-runtime=false"]),
        ]
    )
}

// Not part of the product: `Peers/run` compares the rings with other libraries, `Counts/run`
// guards instructions and allocations, and the package in `Micro` times the same hot paths:
// `swift package --package-path Benchmarks/Micro benchmark --grouping metric`. Here,
// `swift run -c release soak MINUTES` works the rings for as long as you like. Each builds its own
// product alone.
let package = Package(
    name: "gyre-benchmarks",
    platforms: [.macOS(.v15)],
    products: [.library(name: "HotPaths", targets: ["HotPaths"])],
    dependencies: [.package(name: "gyre", path: "..")],
    targets: [
        .target(
            name: "CPeersProbe",
            path: "Peers/probe",
            exclude: ["jni.c"]
        ),
        counted("ZeroCost", path: "ZeroCost/Operations"),
        // Apart, as one module's code decides what is inlined into another function of its own.
        counted("ZeroCostControls", path: "ZeroCost/Controls"),
        .executableTarget(
            name: "peers-swift",
            dependencies: ["CPeersProbe", .product(name: "RingCore", package: "gyre")],
            path: "Peers/swift",
            swiftSettings: settings
        ),
        .target(
            name: "HotPaths",
            dependencies: [.product(name: "MeasuredModules", package: "gyre")],
            path: "HotPaths",
            swiftSettings: settings
        ),
        .target(name: "CCountedRegion", path: "Counts/region"),
        .executableTarget(
            name: "counts",
            dependencies: [
                "CCountedRegion", "HotPaths",
                .product(name: "MeasuredModules", package: "gyre"),
            ],
            path: "Counts/swift",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "soak",
            dependencies: [.product(name: "MeasuredModules", package: "gyre")],
            path: "Soak",
            swiftSettings: settings
        ),
    ]
)
