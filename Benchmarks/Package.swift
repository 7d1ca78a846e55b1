// swift-tools-version: 6.2
import PackageDescription

// Not part of the product: measured with `Peers/run`, built against the sources above.
let package = Package(
    name: "gyre-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "gyre", path: "..")],
    targets: [
        .target(
            name: "CPeersProbe",
            path: "Peers/probe",
            exclude: ["jni.c"]
        ),
        .target(
            name: "ZeroCost",
            dependencies: [.product(name: "RingCore", package: "gyre")],
            path: "ZeroCost",
            exclude: ["check"],
            swiftSettings: [
                .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
            ]
        ),
        .executableTarget(
            name: "peers-swift",
            dependencies: ["CPeersProbe", .product(name: "RingCore", package: "gyre")],
            path: "Peers/swift",
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .strictMemorySafety(),
                .treatAllWarnings(as: .error),
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
            ]
        ),
    ]
)
