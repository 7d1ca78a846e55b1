/// Which trials a user wants: every combination of what is listed.
public struct TrialSelection: Hashable, Sendable {
    /// Which rings.
    public var kinds = RingKind.allCases
    /// Which threads.
    public var topologies: [RingTopology] = [.oneToOne]
    /// How large an item is.
    public var payloads: [TrialPayload] = [.line]
    /// How many items are handed over at a time.
    public var batches = [1]
    /// How many items a ring holds.
    public var capacities = [1024]
    /// How threads wait; `nil` for what suits their number.
    public var waits: [TrialWait]?

    /// One producer, one consumer, items of a cache line, one at a time, on every kind.
    public init() {}

    /// Every kind in every topology.
    public static var everyTopology: TrialSelection {
        var selection = TrialSelection()
        selection.topologies = RingTopology.allCases
        return selection
    }

    /// Every kind between two threads, with items of every size, alone and in batches.
    public static func handOver(isThorough: Bool) -> TrialSelection {
        var selection = TrialSelection()
        selection.payloads = TrialPayload.allCases
        selection.batches = isThorough ? [1, 8, 32] : [1, 32]
        if isThorough { selection.capacities = [1024, 65_536] }
        return selection
    }

    /// Every way to wait, between two threads and among four.
    public static var everyWait: TrialSelection {
        var selection = TrialSelection()
        selection.topologies = [.oneToOne, .twoToTwo]
        selection.waits = TrialWait.allCases
        return selection
    }

    /// All combinations that exist, and of which kinds others do not and why.
    ///
    /// Kinds vary fastest: what is compared stands together.
    public func trials(processors: Int) -> (trials: [RingTrial], leftOut: [String]) {
        var trials: [RingTrial] = []
        var problems: [(what: String, kinds: [String])] = []
        for trial in combinations(processors) {
            guard let problem = trial.problem else {
                trials.append(trial)
                continue
            }
            let kind = trial.kind.rawValue
            if let known = problems.firstIndex(where: { $0.what == problem }) {
                if !problems[known].kinds.contains(kind) { problems[known].kinds.append(kind) }
            } else {
                problems.append((problem, [kind]))
            }
        }
        return (trials, problems.map { "\($0.kinds.joined(separator: ", ")): \($0.what)" })
    }

    private func combinations(_ processors: Int) -> [RingTrial] {
        var all: [RingTrial] = []
        for topology in topologies {
            let suited = TrialWait.suited(to: topology.threads, processors: processors)
            for wait in waits ?? [suited] {
                for capacity in capacities {
                    for payload in payloads {
                        for batch in batches {
                            all += kinds.map {
                                RingTrial(
                                    kind: $0,
                                    topology: topology,
                                    payload: payload,
                                    batch: batch,
                                    capacity: capacity,
                                    wait: wait
                                )
                            }
                        }
                    }
                }
            }
        }
        return all
    }
}
