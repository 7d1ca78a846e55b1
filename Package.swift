// swift-tools-version: 6.2
import PackageDescription

/// A library module of Gyre.
///
/// Dependencies are listed in full: CI builds with `--explicit-target-dependency-import-check
/// error`.
func module(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    path: String? = nil,
    resources: [Resource]? = nil
) -> Target {
    .target(name: name, dependencies: dependencies, path: path, resources: resources)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies)
}

let argumentParser = Target.Dependency.product(
    name: "ArgumentParser",
    package: "swift-argument-parser"
)
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let heap = Target.Dependency.product(name: "HeapModule", package: "swift-collections")

// Each module may import only modules above it.
let sources: [Target] = [
    // The C++ library stands before jemalloc so that `new` reaches malloc through it: a sanitizer
    // replaces malloc and free only, and would be given blocks that jemalloc's own `new` made.
    .target(
        name: "CGyreShims",
        linkerSettings: [
            .linkedLibrary("stdc++", .when(platforms: [.linux])),
            .linkedLibrary("jemalloc", .when(platforms: [.linux])),
        ]
    ),
    module("RingCore", ["CGyreShims"]),
    module("ModelAtomics", ["CGyreShims", "RingCore"]),
    module("Messaging"),
    module("EmbeddedBroker", ["CGyreShims", "RingCore", "Messaging", deque]),
    module("Histories", ["Messaging"]),
    module("HistoryChecks", ["Messaging", "Histories", deque]),
    module("Workloads", ["Messaging"]),
    module("Faults", ["Messaging", "Workloads", heap]),
    module("LatencyMetrics", ["CGyreShims"]),
    module("RingTrials", ["CGyreShims", "RingCore", "LatencyMetrics"]),
    module(
        "Clients",
        [
            "Messaging", "Histories", "HistoryChecks", "Workloads", "Faults", "LatencyMetrics",
            deque, heap,
        ]
    ),
    module(
        "Scenarios",
        ["Messaging", "Workloads", "Faults", "Clients", "HistoryChecks", yams]
    ),
    module("RunRecords", ["HistoryChecks", "LatencyMetrics"]),
    module("Simulation", ["Messaging", "EmbeddedBroker", heap]),
    module(
        "Runs",
        [
            "CGyreShims", "RingCore", "Messaging", "Histories", "HistoryChecks", "Workloads",
            "Faults", "LatencyMetrics", "RingTrials", "Clients", "Scenarios", "RunRecords",
        ]
    ),
    module("Reports", ["HistoryChecks", "LatencyMetrics", "RunRecords"]),
    module("NullDriver", ["Messaging", deque], path: "Sources/Drivers/NullDriver"),
    module(
        "RingDriver",
        ["Messaging", "RingCore", "EmbeddedBroker"],
        path: "Sources/Drivers/RingDriver"
    ),
    module("SubprocessDriver", ["Messaging", deque], path: "Sources/Drivers/SubprocessDriver"),
    module(
        "CommandLineInterface",
        [
            "Messaging", "Histories", "HistoryChecks", "Workloads", "Faults", "LatencyMetrics",
            "RingTrials", "Clients", "Scenarios", "RunRecords", "Runs", "Reports", "NullDriver",
            "RingDriver", "SubprocessDriver", argumentParser,
        ]
    ),
    .executableTarget(name: "gyre", dependencies: ["CommandLineInterface", "CGyreShims"]),
]

let testTargets: [Target] = [
    tests("RingCoreTests", ["RingCore", "ModelAtomics", "CGyreShims"]),
    tests(
        "EmbeddedBrokerTests",
        [
            "EmbeddedBroker", "Messaging", "RingCore", "RingDriver", "Simulation", "CGyreShims",
        ]
    ),
    tests("HistoryChecksTests", ["HistoryChecks", "Histories", "Messaging"]),
    tests("WorkloadsTests", ["Workloads", "Messaging"]),
    tests("LatencyMetricsTests", ["LatencyMetrics", "CGyreShims"]),
    tests("RingTrialsTests", ["RingTrials", "RingCore", "LatencyMetrics"]),
    tests("FaultsTests", ["Faults", "Messaging", "Workloads"]),
    tests(
        "ClientsTests",
        [
            "Clients", "Faults", "Workloads", "Messaging", "Histories", "HistoryChecks",
            "LatencyMetrics",
        ]
    ),
    tests(
        "RunsTests",
        [
            "Runs", "Clients", "Faults", "Messaging", "Histories", "HistoryChecks",
            "LatencyMetrics", "RunRecords", "Scenarios", "Workloads", "RingDriver",
        ]
    ),
    tests(
        "ScenariosTests",
        ["Scenarios", "Messaging", "Workloads", "Faults", "Clients", "HistoryChecks"]
    ),
    tests("ReportsTests", ["Reports", "RunRecords", "HistoryChecks", "LatencyMetrics"]),
    tests(
        "DriverConformanceTests",
        ["Messaging", "NullDriver", "RingDriver", "SubprocessDriver"]
    ),
    tests("CommandLineTests", ["CommandLineInterface"]),
    tests("RepositoryTests", []),
]

let package = Package(
    name: "gyre",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "gyre", targets: ["gyre"]),
        .library(name: "RingCore", targets: ["RingCore"]),
        // What `Benchmarks` measures module by module; a promise to nobody else.
        .library(
            name: "MeasuredModules",
            targets: [
                "CGyreShims", "RingCore", "Messaging", "Histories", "HistoryChecks", "Workloads",
                "Faults", "LatencyMetrics", "Clients", "RingDriver",
            ]
        ),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    ],
    targets: sources + testTargets
)

for target in package.targets where target.type != .system {
    guard target.name != "CGyreShims" else { continue }
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .strictMemorySafety(),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ]
}
