import Clients
import Faults
import HistoryChecks
import LatencyMetrics
import Messaging
import Scenarios
import Workloads

extension LiveRun {
    /// Opens the session and gives every client its end, its group and its worker.
    func assemble(_ signals: RunSignals) throws(RunError) -> Crew {
        let pools = try makePools()
        let session: Driver.Session
        do throws(DriverFailure) {
            session = try driver.open(sessionPlan)
        } catch {
            throw .driver(error)
        }
        let orders = makeOrders()
        let groups = plan.groups.indices.map {
            makeGroup($0, profile: session.profile, orders)
        }
        let workers = makeWorkers(signals)
        do throws(DriverFailure) {
            try seatProducers(session, pools, orders, workers.producing)
            try seatConsumers(session, groups, workers.consuming)
        } catch {
            session.close()
            throw .driver(error)
        }
        return Crew(
            session: session,
            workers: workers.producing + workers.consuming,
            groups: groups,
            orders: orders
        )
    }

    /// What watches the order of each topic, if one order for all is asked for.
    private func makeOrders() -> [TopicOrder] {
        guard plan.expectations.ordering == .total else { return [] }
        return plan.topics.indices.map { TopicOrder(OrderLedger(topic: UInt16($0))) }
    }

    /// Producer numbers of dead-letter writers follow those of the producers: one a member.
    private var deadLetterNumbers: [[UInt16]] {
        var next = (plan.producers.map(\.number).max() ?? 0) + 1
        return plan.consumers.map { consumer in
            guard consumer.deadLetterTopic != nil else { return [] }
            return (0..<plan.groups[Int(consumer.group)].members).map { _ in
                defer { next += 1 }
                return next
            }
        }
    }

    private var sessionPlan: SessionPlan {
        SessionPlan(
            topics: plan.topics,
            groups: plan.groups,
            producers: plan.producers.count + deadLetterNumbers.joined().count,
            keyNames: plan.keyNames,
            run: seed.number,
            threads: threadCounts.producing + threadCounts.consuming
        )
    }

    /// How many threads produce and consume: all processors are used, none by two busy threads.
    private var threadCounts: (producing: Int, consuming: Int) {
        let processors = options.processors ?? PlacementProbe.usableProcessors()
        let members = plan.groups.reduce(0) { $0 + $1.members }
        let producing = max(1, min(plan.producers.count, processors / 2))
        return (producing, max(1, min(members, processors - producing)))
    }

    private func makeGroup(
        _ number: Int,
        profile: PromiseProfile,
        _ orders: [TopicOrder]
    ) -> GroupState {
        let group = plan.groups[number]
        let hasLease = profile.capabilities.contains(.redelivery)
        let rules = DeliveryRules(
            leaseNanoseconds: hasLease ? group.leaseNanoseconds : nil,
            maxDeliveries: group.maxDeliveries,
            ordering: plan.expectations.ordering ?? .none,
            inFlightCapacity: inFlightCapacity(of: group)
        )
        return GroupState(
            deliveries: DeliveryLedger(
                group: UInt16(number),
                topic: UInt16(group.topic),
                profile: profile,
                rules: rules
            ),
            effects: EffectLedger(
                group: UInt16(number),
                hash: seed.digest,
                checksOrder: plan.expectations.effectOrder == .perKey
            ),
            inbox: plan.consumers[number].inbox,
            keyPatience: keyPatience(number, profile),
            order: orders.isEmpty ? nil : orders[group.topic]
        )
    }

    /// How long a key waits for an overdue repetition; `nil` where nothing can be handed back.
    private func keyPatience(_ number: Int, _ profile: PromiseProfile) -> Int64? {
        let group = plan.groups[number]
        guard group.order == .blockKey, plan.consumers[number].ack == .afterProcessing,
            profile.capabilities.contains(.nack)
        else { return nil }
        return max(group.leaseNanoseconds, 1_000_000_000)
    }

    private var clientCount: Int {
        plan.producers.count + plan.groups.reduce(0) { $0 + $1.members }
    }

    /// Room for twice what the members of a group may hold unanswered, a power of two.
    private func inFlightCapacity(of group: GroupPlan) -> Int {
        let held = max(1024, 2 * group.prefetch * group.members)
        return 1 << (Int.bitWidth - (held - 1).leadingZeroBitCount)
    }

    private func makeWorkers(
        _ signals: RunSignals
    ) -> (producing: [Worker], consuming: [Worker]) {
        let counts = threadCounts
        let processors = options.processors ?? PlacementProbe.usableProcessors()
        let keepsCore = counts.producing + counts.consuming <= processors
        func make(_ count: Int, groups: [String], parts: Int) -> [Worker] {
            (0..<count).map { _ in
                Worker(
                    clock: clock,
                    signals: signals,
                    metrics: makeMetrics(groups: groups, parts: parts),
                    measured: measured,
                    keepsCore: keepsCore
                )
            }
        }
        return (
            make(counts.producing, groups: [], parts: plan.topics.count),
            make(
                counts.consuming,
                groups: plan.groups.map(\.name),
                parts: plan.groups.count
            )
        )
    }

    private func makeMetrics(groups: [String], parts: Int) -> WorkerMetrics {
        var phases = [
            LatencyPhase(
                name: "measured",
                start: measured.begin.nanoseconds,
                end: measured.end.nanoseconds
            )
        ]
        for threshold in plan.thresholds {
            guard let name = threshold.during,
                let rule = plan.faults.first(where: { $0.name == name }),
                !phases.contains(where: { $0.name == name })
            else { continue }
            let start = measured.begin.advanced(
                byNanoseconds: rule.selector.from.wholeNanoseconds
            )
            let end = rule.selector.length.map {
                start.advanced(byNanoseconds: $0.wholeNanoseconds)
            }
            phases.append(
                LatencyPhase(
                    name: name,
                    start: start.nanoseconds,
                    end: min(end ?? measured.end, measured.end).nanoseconds
                )
            )
        }
        let length = plan.phases.warmup + plan.phases.duration + plan.phases.drain
        return WorkerMetrics(
            groups: groups,
            openLoop: plan.producers.map(\.arrivals.isOpenLoop),
            phases: phases,
            lengthNanoseconds: length.wholeNanoseconds,
            parts: parts
        )
    }

    private func seatProducers(
        _ session: Driver.Session,
        _ pools: [PayloadSource: PayloadPool],
        _ orders: [TopicOrder],
        _ workers: [Worker]
    ) throws(DriverFailure) {
        for (place, settings) in plan.producers.enumerated() {
            guard let pool = pools[settings.payload] else {
                preconditionFailure("every payload source has its pool")
            }
            let worker = workers[place % workers.count]
            let client = ProducerClient(
                settings: settings,
                partitions: plan.topics[Int(settings.topic)].partitions,
                end: try session.makeProducer(settings.number, topic: settings.topic),
                time: clock,
                start: .zero,
                window: measured,
                run: seed,
                profile: session.profile,
                faults: plan.faults,
                pool: pool,
                metrics: worker.metrics,
                recorder: HistoryTap(
                    mode: options.history,
                    process: UInt32(place),
                    clients: clientCount,
                    sink: options.historySink
                ),
                order: orders.isEmpty ? nil : orders[Int(settings.topic)]
            )
            worker.producers.append(ProducerSeat(client))
        }
    }

    private func seatConsumers(
        _ session: Driver.Session,
        _ groups: [GroupState],
        _ workers: [Worker]
    ) throws(DriverFailure) {
        var seated = 0
        let writers = deadLetterNumbers
        for (number, settings) in plan.consumers.enumerated() {
            let group = plan.groups[number]
            for member in 0..<group.members {
                let worker = workers[seated % workers.count]
                var deadLetters: DeadLetterWriter?
                if let topic = settings.deadLetterTopic {
                    let producer = writers[number][member]
                    deadLetters = DeadLetterWriter(
                        end: try session.makeProducer(producer, topic: topic),
                        topic: topic,
                        producer: producer,
                        digest: seed.digest
                    )
                }
                let client = ConsumerClient(
                    settings: settings,
                    plan: group,
                    member: UInt16(member),
                    end: try session.makeConsumer(group: UInt16(number), member: UInt16(member)),
                    time: clock,
                    group: groups[number],
                    window: measured,
                    run: seed,
                    profile: session.profile,
                    faults: plan.faults,
                    deadLetters: deadLetters,
                    metrics: worker.metrics,
                    recorder: HistoryTap(
                        mode: options.history,
                        process: UInt32(plan.producers.count + seated),
                        clients: clientCount,
                        sink: options.historySink
                    )
                )
                worker.consumers.append(ConsumerSeat(client))
                seated += 1
            }
        }
    }

    /// One pool for each payload source, shared by the producers that name it.
    private func makePools() throws(RunError) -> [PayloadSource: PayloadPool] {
        var pools: [PayloadSource: PayloadPool] = [:]
        for settings in plan.producers where pools[settings.payload] == nil {
            do throws(WorkloadError) {
                pools[settings.payload] = try PayloadPool(
                    settings.payload,
                    hash: seed.hash,
                    loading: options.loadFile
                )
            } catch {
                throw .payload(producer: settings.name, reason: "\(error)")
            }
        }
        return pools
    }
}
