import Clients
import Messaging
import Workloads

/// Makes a plan of an OMB workload: unmodified where it fits, scaled and said so where it doesn't.
struct OMBImport {
    /// Events that all producers together may have unconfirmed.
    private static let inFlightTotal = 1 << 18
    /// The rate by which OMB workloads mean *as fast as possible*.
    private static let unboundedRate = 10_000_000.0
    /// Where OMB begins its search for the highest rate.
    private static let searchRate = 10_000.0
    /// OMB makes this many keys.
    private static let keys = 10_000

    let findings: Findings
    let files: FileFinder
    let limits: PlanLimits

    func plan(of tree: ScenarioNode, named name: String) -> ScenarioPlan {
        var plan = ScenarioPlan(name: name)
        let workload = OMBWorkload(tree, findings: findings)
        plan.summary = workload.name ?? ""
        if let driver = tree["driver"], !driver.isMissing {
            plan.driver = DriverReader(findings: findings).read(driver) ?? plan.driver
        }
        check(workload, tree)
        guard !findings.hasErrors else { return plan }
        let payload = payload(of: workload, tree)
        setPhases(of: &plan, workload, tree)
        guard !findings.hasErrors, let payload else { return plan }
        let sizing = OMBSizing(workload: workload, limits: limits)
        for note in sizing.notes { findings.note(note.text, at: tree.position(of: [note.field])) }
        if let problem = sizing.problem {
            findings.error(problem, at: tree.position(of: ["topics"]))
            return plan
        }
        addTopics(to: &plan, workload, sizing)
        addProducers(to: &plan, workload, sizing, payload)
        plan.backlogBytes = Int64(backlog(of: workload, plan, sizing, tree))
        plan.searchesRate = workload.producerRate == 0 && workload.producerRates.isEmpty
        say(plan, workload, tree)
        return plan
    }

    private func check(_ workload: OMBWorkload, _ tree: ScenarioNode) {
        func refuse(_ field: String, _ message: String) {
            findings.error(message, at: tree.position(of: [field]))
        }
        if let scale = limits.timeScale, !scale.isFinite || scale <= 0 {
            refuse("testDurationMinutes", "--time-scale is above 0")
        }
        if workload.topics < 1 { refuse("topics", "'topics' is 0 or missing: nothing to do") }
        if workload.partitionsPerTopic < 1 || workload.partitionsPerTopic > 65_535 {
            refuse("partitionsPerTopic", "'partitionsPerTopic' is 1 to 65,535")
        }
        if workload.producersPerTopic < 1 {
            refuse("producersPerTopic", "'producersPerTopic' is 0 or missing: nothing to send")
        }
        if workload.messageSize > PayloadReader.largest {
            refuse(
                "messageSize",
                "'messageSize' is at most \(Figures.bytes(PayloadReader.largest))"
            )
        }
        if workload.randomBytesRatio > 1 {
            refuse("randomBytesRatio", "'randomBytesRatio' is a share from 0 to 1")
        }
        if workload.backlogGigabytes > 0, workload.producerRate == 0,
            workload.producerRates.isEmpty
        {
            refuse(
                "consumerBacklogSizeGB",
                "a backlog cannot be built while the rate is searched for (producerRate 0)"
            )
        }
        if workload.subscriptionsPerTopic > 0, workload.consumersPerSubscription < 1 {
            refuse("consumerPerSubscription", "'consumerPerSubscription' is 0 or missing")
        }
        if workload.subscriptionsPerTopic > 1024 || workload.consumersPerSubscription > 4096 {
            refuse("subscriptionsPerTopic", "more than 1,024 subscriptions or 4,096 consumers")
        }
    }

    private func payload(of workload: OMBWorkload, _ tree: ScenarioNode) -> PayloadSource? {
        let size = workload.messageSize
        if workload.usesRandomizedPayloads {
            // The pool is held in memory; a sixteenth of the budget is plenty for it.
            let most = max(1, limits.memoryBytes / 16 / max(1, size))
            let wanted = max(1, workload.payloadPoolSize)
            if wanted > most {
                findings.note(
                    "\(Figures.count(wanted)) payloads of \(Figures.bytes(size)) do not fit; "
                        + "\(Figures.count(most)) are used",
                    at: tree.position(of: ["randomizedPayloadPoolSize"])
                )
            }
            return .pool(
                count: min(wanted, most),
                bytes: size,
                randomShare: workload.randomBytesRatio
            )
        }
        guard let file = workload.payloadFile else {
            findings.note(
                "neither payloadFile nor useRandomizedPayloads: random bytes are sent",
                at: tree.position(of: ["messageSize"])
            )
            return .fixed(bytes: size)
        }
        guard let (path, length) = files.find(file, what: "payloadFile", findings) else {
            return nil
        }
        guard length == size else {
            findings.error(
                "payload file \(quoted(path)) is \(length) bytes long, messageSize is \(size)",
                at: file.position
            )
            return nil
        }
        return .file(path: path)
    }

    private func addTopics(
        to plan: inout ScenarioPlan,
        _ workload: OMBWorkload,
        _ sizing: OMBSizing
    ) {
        for number in 0..<sizing.topics {
            let digits = String(number)
            let padded = String(repeating: "0", count: max(0, 7 - digits.count)) + digits
            let topic = TopicPlan(
                name: "topic-\(padded)",
                partitions: workload.partitionsPerTopic,
                capacity: sizing.capacity,
                largestPayloadBytes: workload.messageSize
            )
            plan.topics.append(topic)
            for subscription in 0..<workload.subscriptionsPerTopic {
                let name = "\(topic.name).sub-\(subscription)"
                plan.consumers.append(
                    ConsumerSettings(name: name, group: UInt16(plan.groups.count))
                )
                let members = workload.consumersPerSubscription
                plan.groups.append(GroupPlan(name: name, topic: number, members: members))
            }
        }
    }

    private func addProducers(
        to plan: inout ScenarioPlan,
        _ workload: OMBWorkload,
        _ sizing: OMBSizing,
        _ payload: PayloadSource
    ) {
        let producers = Double(sizing.topics * sizing.producersPerTopic)
        let arrivals = arrivals(of: workload, sharedBy: producers, in: plan)
        var keys = KeyDistribution(.none)
        if workload.keyDistributor != "NO_KEY" {
            let pattern = plan.keyNames.number(of: "key-%d")
            let isInTurn = workload.keyDistributor == "KEY_ROUND_ROBIN"
            let shape: KeyDistribution.Shape =
                isInTurn ? .roundRobin(count: Self.keys) : .uniform(count: Self.keys)
            keys = KeyDistribution(shape, pattern: pattern)
        }
        let count = sizing.topics * sizing.producersPerTopic
        for topic in 0..<sizing.topics {
            for _ in 0..<sizing.producersPerTopic {
                let number = UInt16(plan.producers.count)
                var settings = ProducerSettings(
                    name: plan.topics[topic].name,
                    number: number,
                    topic: UInt16(topic)
                )
                settings.arrivals = arrivals
                settings.inFlight = max(16, min(settings.inFlight, Self.inFlightTotal / count))
                settings.payload = payload
                settings.keys = keys
                plan.producers.append(settings)
            }
        }
    }

    private func arrivals(
        of workload: OMBWorkload,
        sharedBy producers: Double,
        in plan: ScenarioPlan
    ) -> ArrivalProcess {
        if !workload.producerRates.isEmpty { return stages(workload, sharedBy: producers, plan) }
        if workload.producerRate >= Self.unboundedRate { return .closedLoop }
        let total = workload.producerRate == 0 ? Self.searchRate : workload.producerRate
        return .constant(perSecond: total / producers)
    }

    /// `[[minutesFromStart, rate], …]` in scaled time.
    private func stages(
        _ workload: OMBWorkload,
        sharedBy producers: Double,
        _ plan: ScenarioPlan
    ) -> ArrivalProcess {
        let scale = OMBTime(workload, limits: limits).scale
        let steps = workload.producerRates.sorted { $0.minutes < $1.minutes }
        var stages: [ArrivalProcess.Stage] = []
        for (index, step) in steps.enumerated() {
            let isLast = index == steps.count - 1
            let minutes = isLast ? 1 : steps[index + 1].minutes - step.minutes
            guard minutes > 0, step.rate > 0 else { continue }
            stages.append(
                ArrivalProcess.Stage(
                    duration: .nanoseconds(Int64(max(1e6, minutes * 60e9 * scale))),
                    perSecond: step.rate / producers
                )
            )
        }
        return stages.isEmpty ? .closedLoop : .stages(stages)
    }
}

// MARK: - Time and backlog

extension OMBImport {
    private func setPhases(
        of plan: inout ScenarioPlan,
        _ workload: OMBWorkload,
        _ tree: ScenarioNode
    ) {
        let time = OMBTime(workload, limits: limits)
        plan.phases.warmup = time.warmup
        plan.phases.duration = time.duration
        plan.phases.drain = .seconds(workload.backlogGigabytes > 0 ? 60 : 10)
        if let note = time.note {
            findings.note(note, at: tree.position(of: ["testDurationMinutes"]))
        }
        if let run = tree["run"], !run.isMissing {
            RunReader(findings: findings).read(run, into: &plan.phases)
        }
    }

    /// What consumers let pile up: at most half of the rings, so that producers never block.
    private func backlog(
        of workload: OMBWorkload,
        _ plan: ScenarioPlan,
        _ sizing: OMBSizing,
        _ tree: ScenarioNode
    ) -> Int {
        guard workload.backlogGigabytes > 0 else { return 0 }
        let wanted = workload.backlogGigabytes * Double(1 << 30)
        let events = sizing.topics * workload.partitionsPerTopic * sizing.capacity / 2
        var backlog = min(wanted, Double(events) * Double(max(1, workload.messageSize)))
        var bounds = ["half of the rings, \(Figures.count(events)) events"]
        if let most = limits.backlogBytes, Double(most) < backlog {
            backlog = Double(most)
            bounds = ["--max-backlog"]
        } else if workload.producerRate > 0, workload.producerRate < Self.unboundedRate {
            let seconds = plan.phases.duration.inSeconds
            let filled = workload.producerRate * Double(workload.messageSize) * seconds
            if filled < backlog {
                backlog = filled
                bounds = [
                    "what \(Figures.rate(workload.producerRate)) fill in "
                        + Figures.duration(plan.phases.duration)
                ]
            }
        }
        if backlog < wanted {
            findings.note(
                "a backlog of \(Figures.bytes(Int(clamping: Int64(wanted)))) becomes "
                    + "\(Figures.bytes(Int(backlog))): \(bounds[0])",
                at: tree.position(of: ["consumerBacklogSizeGB"])
            )
        }
        return Int(backlog)
    }

    private func say(_ plan: ScenarioPlan, _ workload: OMBWorkload, _ tree: ScenarioNode) {
        let place = tree.position(of: ["producerRate"])
        if plan.searchesRate {
            findings.note("producerRate 0: the highest rate is searched for", at: place)
        } else if plan.producers.first?.arrivals == .closedLoop {
            findings.note(
                "producerRate \(Figures.decimal(workload.producerRate)) means unbounded: a closed "
                    + "loop, which has no response times",
                at: place
            )
        }
        if plan.groups.isEmpty {
            findings.note("no subscriptions: nothing is consumed", at: tree.position)
        }
    }
}
