import ArgumentParser
import RingTrials
import Scenarios

/// The flags that say what is compared, and how thoroughly.
struct BenchChoice: ParsableArguments {
    @Option(help: ArgumentHelp("Drivers, the baseline first: ring,null,…", valueName: "list"))
    var drivers: String?

    @Option(
        help: ArgumentHelp("Rings, the baseline first: \(all(RingKind.self)).", valueName: "list")
    )
    var kinds: String?

    @Option(help: ArgumentHelp("Topologies: \(all(RingTopology.self)).", valueName: "list"))
    var topologies: String?

    @Option(help: ArgumentHelp("Item sizes: 8B,64B,256B,1KiB.", valueName: "list"))
    var payloads: String?

    @Option(help: ArgumentHelp("Items handed over at a time: 1,8,32,…", valueName: "list"))
    var batches: String?

    @Option(help: ArgumentHelp("Slots of a ring: 1024,65536,…", valueName: "list"))
    var capacities: String?

    @Option(
        help: ArgumentHelp(
            "How idle threads wait: \(all(TrialWait.self)); spin if each has a core.",
            valueName: "list"
        )
    )
    var waits: String?

    @Option(help: ArgumentHelp("How often each candidate is measured.", valueName: "count"))
    var rounds: Int?

    @Option(help: ArgumentHelp("How long one sample takes.", valueName: "60ms"))
    var sampleTime: String?

    @Flag(help: "3 rounds of short samples: about 20 seconds, and less to rely on.")
    var quick = false

    @Flag(help: "15 rounds of long samples; more batches, capacities, waits: 12 minutes.")
    var thorough = false

    @Option(
        help: ArgumentHelp(
            "Changes one value of the workload, as in run; driver.command for subprocess.",
            valueName: "path=value"
        )
    )
    var set: [String] = []

    @Option(help: "Seed of the workload's random decisions: a number or a git hash.")
    var seed: String?

    private static func all<Choice: RawRepresentable & CaseIterable>(_ type: Choice.Type) -> String
    where Choice.RawValue == String {
        Choice.allCases.map(\.rawValue).joined(separator: ",")
    }

    /// The words of a command line that say the same.
    var repeated: [String] {
        let lists = [
            ("--drivers", drivers), ("--kinds", kinds), ("--topologies", topologies),
            ("--payloads", payloads), ("--batches", batches), ("--capacities", capacities),
            ("--waits", waits), ("--rounds", rounds.map { String($0) }),
            ("--sample-time", sampleTime), ("--seed", seed),
        ]
        var words = lists.flatMap { flag, text in text.map { [flag, $0] } ?? [] }
        if quick { words.append("--quick") }
        if thorough { words.append("--thorough") }
        return words + set.flatMap { ["--set", $0] }
    }

    /// How often each candidate is measured.
    func roundCount() throws -> Int {
        guard let rounds else { return thorough ? 15 : quick ? 3 : 7 }
        guard (1...1000).contains(rounds) else {
            throw ValidationError("--rounds \(rounds): from 1 to 1000 are possible")
        }
        return rounds
    }

    /// How long one sample of rings takes.
    func sampleLength() throws -> Duration {
        try wantedLength() ?? .milliseconds(thorough ? 150 : quick ? 20 : 60)
    }

    /// How long a sample is to take by the user's word; `nil` if there is none.
    func wantedLength() throws -> Duration? {
        guard let sampleTime else { return nil }
        guard let length = PlanningOptions.duration(sampleTime), length >= .milliseconds(1),
            length <= .seconds(3600)
        else {
            throw ValidationError(
                "--sample-time \(sampleTime): a duration from 1ms to 1h is needed, such as 60ms"
            )
        }
        return length
    }

    /// Whether the user lists rings, or what becomes of them.
    var choosesRings: Bool {
        [kinds, topologies, payloads, batches, capacities, waits].contains { $0 != nil }
    }

    /// What the user says of a workload.
    var workloadFlags: [String] {
        self.set.map { "--set \($0)" } + (seed.map { ["--seed \($0)"] } ?? [])
    }

    /// The rings that the user lists.
    func selection() throws -> TrialSelection {
        var selection = TrialSelection()
        selection.kinds = try choices(kinds, "--kinds", "kind") ?? selection.kinds
        selection.topologies =
            try choices(topologies, "--topologies", "topology") ?? selection.topologies
        selection.payloads = try payloads.map(sizes) ?? selection.payloads
        selection.batches =
            try batches.map { try counts($0, "--batches", RingTrial.batchMax) }
            ?? selection.batches
        selection.capacities =
            try capacities.map { try counts($0, "--capacities", RingTrial.slotBytesMax / 8) }
            ?? selection.capacities
        for capacity in selection.capacities where capacity & (capacity - 1) != 0 {
            throw ValidationError("--capacities \(capacity): a power of two is needed")
        }
        selection.waits = try choices(waits, "--waits", "wait")
        return selection
    }

    /// What `--set` says to one driver: not what it says to another one of the comparison.
    func settings(for driver: String, among drivers: [String]) -> [String] {
        let own = DriverCatalogue.settings(of: driver)
        let others = drivers.reduce(into: Set<String>()) {
            $0.formUnion(DriverCatalogue.settings(of: $1))
        }
        let foreign = others.subtracting(own).map { "driver.\($0)=" }
        return set.filter { setting in !foreign.contains(where: setting.hasPrefix) }
    }

    /// The drivers that the user lists; `nil` if there is no list.
    func driverNames() throws -> [String]? {
        guard let drivers else { return nil }
        return try words(drivers, "--drivers").map {
            try Self.known($0, "--drivers", "driver", DriverCatalogue.names)
        }
    }

    private func choices<Choice: RawRepresentable & CaseIterable>(
        _ text: String?,
        _ flag: String,
        _ what: String
    ) throws -> [Choice]? where Choice.RawValue == String {
        guard let text else { return nil }
        let names = Choice.allCases.map(\.rawValue)
        return try words(text, flag).compactMap {
            Choice(rawValue: try Self.known($0, flag, what, names))
        }
    }

    private static func known(
        _ word: String,
        _ flag: String,
        _ what: String,
        _ names: [String]
    ) throws -> String {
        guard !names.contains(word) else { return word }
        let hint = Suggestion.hint(for: word, among: names)
        throw ValidationError("\(flag) \(word): no \(what) named '\(word)'\(hint)")
    }

    private func sizes(_ text: String) throws -> [TrialPayload] {
        try words(text, "--payloads").map { word in
            do throws(QuantityProblem) {
                if let payload = TrialPayload(rawValue: try Quantity.size(word)) { return payload }
            } catch {
                throw ValidationError("--payloads \(word): \(error)")
            }
            throw ValidationError("--payloads \(word): use 8B, 64B, 256B or 1KiB")
        }
    }

    private func counts(_ text: String, _ flag: String, _ most: Int) throws -> [Int] {
        try words(text, flag).map { word in
            guard let count = Int(word), (1...most).contains(count) else {
                throw ValidationError("\(flag) \(word): a number from 1 to \(most) is needed")
            }
            return count
        }
    }

    /// The parts of a list, each once.
    private func words(_ text: String, _ flag: String) throws -> [String] {
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { $0.filter { $0 != " " } }
        guard words.allSatisfy({ !$0.isEmpty }) else {
            throw ValidationError("\(flag) '\(text)': an entry is empty; write a,b,c")
        }
        return words.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
