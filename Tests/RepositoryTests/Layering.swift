/// Which module may import which, read from the package's manifest.
struct Layering {
    /// The modules under `Sources`, lowest first.
    let modules: [String]

    /// Reads the list `sources` of a manifest.
    init(manifest: String) {
        let start = manifest.firstRange(of: "let sources")?.upperBound ?? manifest.startIndex
        let end = manifest.firstRange(of: "let testTargets")?.lowerBound ?? manifest.endIndex
        let list = start < end ? String(manifest[start..<end]) : ""
        let entry = /(?:module|target|executableTarget)\(\s*(?:name:\s*)?"(\w+)"/
        modules = list.matches(of: entry).map { String($0.1) }
    }

    /// Imports that point up, or sideways between drivers.
    func violations(in source: SourceText) -> [Violation] {
        guard let own = modules.firstIndex(of: source.module) else {
            return [source.violation(0, "'\(source.module)' is no module of Package.swift")]
        }
        return Self.imports(of: source).compactMap { index, name in
            if source.path.hasPrefix("Sources/Drivers/"), name != source.module,
                name.hasSuffix("Driver")
            {
                return source.violation(index, "a driver imports the driver \(name)")
            }
            guard let other = modules.firstIndex(of: name), other >= own else { return nil }
            return source.violation(index, "\(source.module) imports \(name), which is above it")
        }
    }

    /// The imported modules with their line.
    static func imports(of source: SourceText) -> [(index: Int, name: String)] {
        source.code.enumerated().compactMap { index, line in
            guard line.utf8.first ?? 32 != 32 else { return nil }
            guard let match = line.firstMatch(of: /^(?:@?\w+ )*import (?:\w+ )?(\w+)/) else {
                return nil
            }
            return (index, String(match.1))
        }
    }
}

/// What a module must not import or mention.
struct ModuleBan {
    var modules: Set<String>
    var imports: Set<String> = []
    var words: [String] = []
    var reason: String

    static let all = [
        ModuleBan(
            modules: ["RingCore", "Messaging", "EmbeddedBroker", "Simulation"],
            imports: ["Foundation"],
            reason: "needs nothing of Foundation"
        ),
        ModuleBan(
            modules: [
                "RingCore", "Messaging", "EmbeddedBroker", "HistoryChecks", "Workloads", "Faults",
                "Clients", "Simulation", "Reports",
            ],
            words: ["FileManager", "FileHandle", "Data(contentsOf", "contentsOfFile:", "fopen"],
            reason: "does no input or output"
        ),
        ModuleBan(
            modules: [
                "RingCore", "Messaging", "EmbeddedBroker", "Histories", "HistoryChecks",
                "Workloads", "Faults", "Clients", "Scenarios", "RunRecords", "Simulation",
                "Reports",
            ],
            words: ["ContinuousClock", "SuspendingClock", "Date()", "clock_gettime"],
            reason: "reads no clock"
        ),
        ModuleBan(
            modules: [
                "RingCore", "Messaging", "EmbeddedBroker", "Histories", "HistoryChecks",
                "Workloads", "Faults", "Clients", "Scenarios", "RunRecords", "Simulation",
                "Reports", "Runs",
            ],
            words: ["SystemRandomNumberGenerator", "random(in", "shuffled()", "UUID()"],
            reason: "draws no unseeded random numbers"
        ),
    ]

    func violations(in source: SourceText) -> [Violation] {
        guard modules.contains(source.module) else { return [] }
        var found = Layering.imports(of: source).filter { imports.contains($0.name) }.map {
            source.violation($0.index, "\(source.module) imports \($0.name), but \(reason)")
        }
        for word in words where source.mentions(word) {
            for (index, line) in source.code.enumerated() where Words.contains(word, in: line) {
                found.append(source.violation(index, "\(word): \(source.module) \(reason)"))
            }
        }
        return found
    }
}
