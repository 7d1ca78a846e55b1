import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

/// Whatever is fed per batch in the workers and whatever is read back from the written history
/// must be judged alike.
@Suite struct TwoFormsTests {
    /// Writes the records as JSON lines and reads them again, in pieces of seven bytes.
    private func roundTrip(_ records: [HistoryRecord]) throws -> [HistoryRecord] {
        let names = HistoryNames(
            topics: ["orders \"and\\ more\n"],
            groups: ["billing"],
            keyNames: Self.keyNames,
            rules: ["late"]
        )
        var encoder = HistoryEncoder(names: names)
        for record in records { encoder.append(record) }
        var reader = HistoryReader()
        var result: [HistoryRecord] = []
        var rest = encoder.bytes[...]
        while !rest.isEmpty {
            try reader.read(rest.prefix(7)) { result.append($0) }
            rest = rest.dropFirst(7)
        }
        try reader.finish { result.append($0) }
        #expect(reader.names.topics == names.topics)
        return result
    }

    private static var keyNames: KeyNames {
        var names = KeyNames()
        _ = names.number(of: "customer-%d")
        return names
    }

    private func verdicts(_ results: [CheckResult]) -> [String] {
        results.map { result in
            let kind: String
            switch result.verdict {
            case .valid(let cases): kind = "valid \(cases)"
            case .violated(let anomalies, let total):
                kind = "violated \(total) \(anomalies.map { "\($0.name) \($0.n) \($0.count)" })"
            case .unknown(let reason): kind = "unknown \(reason)"
            }
            return "\(result.guarantee.id) \(kind) undecided \(result.undecided)"
        }
    }

    @Test("a written and read history is judged as the one in memory", arguments: Flaw.allCases)
    func writtenAndRead(_ flaw: Flaw) throws {
        for seed in 0..<8 as Range<UInt64> {
            var model = BrokerModel(seed: seed, flaw: flaw)
            let records = model.play(steps: 80)
            var memory = DeliveryHistory(settings: model.settings)
            for record in records { memory.feed(record) }
            var read = DeliveryHistory(settings: model.settings)
            for record in try roundTrip(records) { read.feed(record) }
            #expect(verdicts(read.judge()) == verdicts(memory.judge()), "seed \(seed)")
        }
    }

    @Test("batches and records are judged alike", arguments: Flaw.allCases)
    func batchesAndRecords(_ flaw: Flaw) {
        for seed in 0..<20 as Range<UInt64> {
            var model = BrokerModel(seed: seed, flaw: flaw)
            let records = model.play(steps: 80)
            var history = DeliveryHistory(settings: model.settings)
            for record in records { history.feed(record) }
            let inline = InlineFeed(model.settings).judge(records)
            #expect(verdicts(inline) == verdicts(history.judge()), "seed \(seed)")
        }
    }
}

/// Feeds ledgers as workers do: neighbouring deliveries of one receive as one batch.
private struct InlineFeed: ~Copyable {
    private var sends: SendLedger
    private var deliveries: DeliveryLedger
    private var effects: EffectLedger
    private var batch = Batch<Delivery>(capacity: 64)
    private var ordinals: [UInt64: UInt64] = [:]
    private var batched: [HistoryRecord] = []
    private let settings: HistorySettings
    private let hash = KeyedHash(seed: 99)
    private var state = StateDigest()

    init(_ settings: HistorySettings) {
        self.settings = settings
        sends = SendLedger(
            side: .boundary,
            isIdempotent: settings.profile.capabilities.contains(.dedup)
        )
        deliveries = DeliveryLedger(
            group: 0,
            topic: 0,
            profile: settings.profile,
            rules: DeliveryRules(
                leaseNanoseconds: settings.leaseNanoseconds,
                maxDeliveries: settings.maxDeliveries,
                watchesDeadLetters: true
            )
        )
        effects = EffectLedger(group: 0, hash: hash, checksOrder: true)
    }

    consuming func judge(_ records: [HistoryRecord]) -> [CheckResult] {
        for record in records { feed(record) }
        flush()
        var evidence = Evidence(profile: settings.profile)
        evidence.boundarySends = [sends]
        evidence.deliveries = [deliveries]
        effects.handlerState = state
        evidence.effects = [effects]
        evidence.expectations = settings.expectations
        evidence.accounts = settings.accounts
        evidence.drain = .drained(at: records.last?.time ?? .zero)
        return Judgement.judge(evidence)
    }

    private mutating func feed(_ record: HistoryRecord) {
        if record.kind == .deliver {
            if let last = batched.last,
                last.consumer != record.consumer || last.time != record.time
            {
                flush()
            }
            return batched.append(record)
        }
        flush()
        switch record.kind {
        case .publish: sends.feed(record)
        case .ack, .nack: answer(record, record.kind == .ack ? .ack : .nack)
        case .crash: deliveries.crashed(consumer: record.consumer, at: record.time)
        case .deadLetter:
            deliveries.deadLettered(
                record.lane,
                n: record.n,
                attempts: Int(record.attempt),
                at: record.time
            )
            effects.deadLettered(record.lane, n: record.n, byBroker: true)
        case .apply:
            let (lane, key) = (record.lane, record.key)
            effects.applied(lane, n: record.n, id: record.id, key: key, at: record.time)
            state.add(id: record.id, key: key, hash: hash)
        default: break
        }
    }

    private mutating func answer(_ record: HistoryRecord, _ kind: Settlement.Kind) {
        guard let ordinal = ordinals[record.delivery] else { return }
        let range = ordinal..<ordinal + 1
        if record.phase == .invoke {
            let wait = record.nanoseconds
            deliveries.settleInvoked(kind, deliveries: range, nanoseconds: wait, at: record.time)
        } else {
            let outcome: SettlementResult.Outcome =
                record.phase == .ok
                ? .settled : record.phase == .fail ? .staleReceipt : .indeterminate
            deliveries.settleEnded(kind, deliveries: range, outcome: outcome, at: record.time)
        }
    }

    private mutating func flush() {
        guard let last = batched.last else { return }
        batch.removeAll()
        for record in batched {
            var header = EventHeader()
            header.id = record.id
            header.n = record.n
            header.key = record.key
            batch.append(
                Delivery(
                    header: header,
                    payload: PayloadReference(),
                    receipt: record.delivery,
                    offset: record.offset,
                    invoked: record.invoked,
                    attempt: record.attempt,
                    topic: 0,
                    partition: record.partition,
                    isRedelivered: record.isRedelivered,
                    envelope: record.envelope
                )
            )
        }
        let first = deliveries.delivered(
            batch,
            in: 0..<batch.count,
            consumer: last.consumer,
            returned: last.time
        ).ordinal
        for (index, record) in batched.enumerated() {
            ordinals[record.delivery] = first + UInt64(index)
        }
        batched = []
    }
}
