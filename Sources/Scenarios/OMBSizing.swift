import Messaging
import Workloads

/// How many topics, producers and slots of an OMB workload fit this machine.
struct OMBSizing {
    struct Note {
        var field: String
        var text: String
    }

    /// The capacity of our own topics; more only for a backlog.
    private static let usualCapacity = 4096
    /// Fewer slots than these make a broker that mostly waits.
    private static let leastCapacity = 64
    private static let mostCapacity = 1 << 24

    private(set) var topics: Int
    private(set) var producersPerTopic: Int
    private(set) var capacity: Int
    private(set) var notes: [Note] = []
    private(set) var problem: String?

    init(workload: OMBWorkload, limits: PlanLimits) {
        topics = workload.topics
        producersPerTopic = workload.producersPerTopic
        capacity = workload.backlogGigabytes > 0 ? Self.mostCapacity : Self.usualCapacity
        fitNumbers(workload, limits)
        fitMemory(workload, limits)
    }

    /// Producer numbers have 12 bits, group numbers 16.
    private mutating func fitNumbers(_ workload: OMBWorkload, _ limits: PlanLimits) {
        let numbers = ProducerReader.mostProducers
        if producersPerTopic > numbers {
            notes.append(
                Note(
                    field: "producersPerTopic",
                    text: "\(Figures.count(producersPerTopic)) producers a topic become "
                        + "\(Figures.count(numbers)), as many as have numbers"
                )
            )
            producersPerTopic = numbers
        }
        if let most = limits.topics, most < topics {
            topics = max(1, most)
            let text =
                "\(Figures.count(workload.topics)) topics become "
                + "\(Figures.count(topics)) (--max-topics)"
            notes.append(Note(field: "topics", text: text))
        }
        let groups = max(1, workload.subscriptionsPerTopic)
        let fitting = max(1, min(numbers / producersPerTopic, Int(UInt16.max) / groups))
        guard fitting < topics else { return }
        let text =
            "\(Figures.count(topics)) topics x \(Figures.count(producersPerTopic)) "
            + "producers = \(Figures.count(topics * producersPerTopic)) producers, of which "
            + "\(Figures.count(numbers)) have numbers: \(Figures.count(fitting)) topics are used, "
            + "at the same total rate"
        notes.append(Note(field: "topics", text: text))
        topics = fitting
    }

    private mutating func fitMemory(_ workload: OMBWorkload, _ limits: PlanLimits) {
        let slot = PlanEstimates.slotBytes(payload: workload.messageSize)
        let partitions = workload.partitionsPerTopic
        let usual = capacity
        while capacity > Self.leastCapacity, !fits(slot, partitions, limits) { capacity /= 2 }
        if capacity < Self.usualCapacity, usual >= Self.usualCapacity {
            let text =
                "capacity \(Figures.count(capacity)) instead of "
                + "\(Figures.count(Self.usualCapacity)) events a partition, to fit "
                + Figures.bytes(limits.memoryBytes)
            notes.append(Note(field: "topics", text: text))
        }
        let before = topics
        while topics > 1, !fits(slot, partitions, limits) { topics = (topics + 1) / 2 }
        if topics < before {
            let text =
                "\(Figures.count(before)) topics become \(Figures.count(topics)), to fit "
                + Figures.bytes(limits.memoryBytes)
            notes.append(Note(field: "topics", text: text))
        }
        guard !fits(slot, partitions, limits) else { return }
        problem =
            "one topic needs \(Figures.count(partitions)) partitions x "
            + "\(Figures.count(capacity)) events x \(Figures.bytes(slot)), more than "
            + "\(Figures.bytes(limits.memoryBytes)); raise --max-memory"
    }

    private func fits(_ slot: Int, _ partitions: Int, _ limits: PlanLimits) -> Bool {
        let each = Double(slot) * Double(partitions) * Double(capacity)
        return each * Double(topics) <= Double(limits.memoryBytes)
    }
}

/// How long an OMB workload runs here.
struct OMBTime {
    private static let usualSeconds = 10.0
    private static let usualWarmup = 1.0
    private static let longestSeconds = 366 * 86_400.0

    let scale: Double
    let duration: Duration
    let warmup: Duration
    let note: String?

    init(_ workload: OMBWorkload, limits: PlanLimits) {
        let test = workload.testMinutes * 60
        let warming = workload.warmupMinutes * 60
        if let chosen = limits.timeScale {
            scale = chosen
        } else {
            scale = test > Self.usualSeconds ? Self.usualSeconds / test : 1
        }
        let isForEver = test == 0
        let measured = isForEver ? Self.usualSeconds : min(Self.longestSeconds, test * scale)
        var warm = min(Self.longestSeconds, warming * scale)
        if limits.timeScale == nil { warm = min(warm, Self.usualWarmup) }
        duration = .nanoseconds(Int64(max(1e6, measured * 1e9)))
        warmup = .nanoseconds(Int64(warm * 1e9))
        guard measured != test || warm != warming else {
            note = nil
            return
        }
        let said = isForEver ? "for ever" : Figures.duration(nanoseconds: test * 1e9)
        note =
            "\(Figures.duration(nanoseconds: warming * 1e9)) of warm-up and \(said) of test "
            + "become \(Figures.duration(warmup)) and \(Figures.duration(duration)); choose "
            + "otherwise by --time-scale"
    }
}
