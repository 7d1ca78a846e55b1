public import Histories
public import Messaging

/// What a recorded history of deliveries is judged by.
public struct HistorySettings: Sendable, Hashable {
    /// What the broker promises.
    public var profile: PromiseProfile
    /// What must hold.
    public var expectations = Expectations()
    /// How long the broker waited for answers; `nil` if that is not known.
    public var leaseNanoseconds: Int64?
    /// After so many deliveries the broker gave an event up.
    public var maxDeliveries: Int?
    /// By how much time stamps of different processes may be wrong, beyond what the history says.
    public var clockErrorNanoseconds: Int64 = 0
    /// What the broker said of itself at rest.
    public var accounts = BrokerAccounts()

    /// Settings against a broker that promises `profile`; everything else open.
    public init(profile: PromiseProfile) {
        self.profile = profile
    }

    /// What is assumed of a broker that nothing is known of: it redelivers, in order, per copy.
    public static var assumed: HistorySettings {
        HistorySettings(
            profile: PromiseProfile(capabilities: [.confirm, .nack, .redelivery, .offsets])
        )
    }
}

/// Feeds the records of a history to the ledgers that live workers feed, one at a time.
///
/// Where only one side was recorded, it stands for both: without armed faults they are one.
public struct DeliveryHistory: ~Copyable {
    private struct LedgerRef: Hashable {
        var group: UInt16
        var topic: UInt16
    }

    private let settings: HistorySettings
    private let hash = KeyedHash(seed: 0)
    private var publishes: SendLedger
    private var sends: SendLedger
    private var orders: [UInt16: OrderLedger] = [:]
    private var ledgers: [DeliveryLedger] = []
    private var ledgerNumbers: [LedgerRef: Int] = [:]
    private var effects: [EffectLedger] = []
    private var effectNumbers: [UInt16: Int] = [:]
    private var receipts = ReceiptTable()
    private var digests = SentDigests()
    private var fired = FiredLog()
    private var drain: DrainStatus?
    private var hasPublishes = false
    private var hasDeliveries = false
    private var hasHandles = false
    private var showsOffsets = false
    private var forgotReceipts = false
    /// Groups of which deliveries may have been swallowed, perhaps before the first one came.
    private var hasLosses: Set<UInt16> = []
    /// The ledger and the effects that the latest records belonged to.
    private var latestLedger = (place: LedgerRef(group: 0, topic: 0), number: -1)
    private var latestEffects = (group: UInt16(0), number: -1)

    /// How many records it was fed.
    public private(set) var records: UInt64 = 0

    /// An empty history.
    public init(settings: HistorySettings = .assumed) {
        self.settings = settings
        let isIdempotent = settings.profile.capabilities.contains(.dedup)
        publishes = SendLedger(side: .boundary, isIdempotent: isIdempotent)
        sends = SendLedger(side: .application, isIdempotent: isIdempotent)
    }

    /// Takes the next record, in the order of the history.
    public mutating func feed(_ record: HistoryRecord) {
        records += 1
        switch record.kind {
        case .send, .publish: feedSend(record)
        case .deliver, .handle: feedDelivery(record)
        case .apply: feedEffect(record)
        case .settle: feedGivenUp(record)
        case .ack: feedAnswer(record, .ack)
        case .nack: feedAnswer(record, .nack)
        case .extend: feedAnswer(record, .extend)
        case .commit: feedAnswer(record, .commit)
        case .deadLetter: feedDeadLetter(record)
        case .crash, .rebalance: feedDeparture(record)
        case .receive: feedReceive(record)
        case .drain: feedDrain(record)
        case .fault: feedFault(record)
        }
    }

    /// Judges what it was fed.
    public func judge() -> [CheckResult] {
        guard records > 0 else { return emptyResults }
        var results = Judgement.judge(evidence)
        guard forgotReceipts else { return results }
        for index in results.indices {
            guard case .valid = results[index].verdict else { continue }
            results[index].verdict = .unknown(reason: "more open receipts than the feeder holds")
        }
        return results
    }

    private var emptyResults: [CheckResult] {
        let required = Requirements.required(
            by: settings.expectations,
            of: settings.profile,
            hasAccounts: false
        )
        return required.sorted { $0.rawValue < $1.rawValue }.map { guarantee in
            CheckResult(
                guarantee,
                side: .boundary,
                verdict: .unknown(reason: "the history is empty"),
                isRequired: true,
                form: .records
            )
        }
    }

    private var evidence: Evidence {
        var profile = settings.profile
        if !showsOffsets { profile.capabilities.remove(.offsets) }
        var evidence = Evidence(profile: profile)
        let hasSends = !sends.lanes.isEmpty
        if hasPublishes || hasSends { evidence.boundarySends = [hasPublishes ? publishes : sends] }
        if hasSends { evidence.applicationSends = [sends] }
        evidence.deliveries = ledgers
        evidence.orders = orders.sorted { $0.key < $1.key }.map(\.value)
        evidence.effects = effects
        evidence.fired = fired
        evidence.expectations = settings.expectations
        evidence.accounts = settings.accounts
        evidence.drain =
            drain ?? .unfinished(reason: "the history does not say that it was drained")
        evidence.form = .records
        return evidence
    }

    private mutating func feedSend(_ record: HistoryRecord) {
        if record.kind == .publish, !hasPublishes {
            hasPublishes = true
            // What the application sent stood for what crossed until the first crossing itself.
            orders = [:]
        }
        if record.kind == .publish || !hasPublishes { feedOrder(record) }
        if record.digest != 0, record.phase == .invoke {
            digests.insert(record.digest, lane: record.lane, n: record.n)
        }
        if record.kind == .publish {
            publishes.feed(record)
        } else {
            sends.feed(record)
        }
    }

    private mutating func feedDelivery(_ record: HistoryRecord) {
        guard record.phase == .ok else { return }
        if record.kind == .handle {
            hasHandles = true
            effects[effectNumber(record.group)].handled(record.lane, n: record.n)
            guard !hasDeliveries else { return }
        } else {
            if hasHandles && !hasDeliveries { dropDeliveries() }
            hasDeliveries = true
        }
        if record.offset >= 0 { showsOffsets = true }
        let number = ledgerNumber(group: record.group, topic: record.lane.topic)
        let ordinal = ledgers[number].delivered(
            delivery(record),
            consumer: record.consumer,
            returned: record.time
        )
        if settings.expectations.ordering == .total {
            let topic = ledgers[number].topic
            let empty = order(of: topic)
            ledgers[number].passFirstDeliveries(to: &orders[topic, default: empty])
        }
        guard record.delivery != .max else { return }
        let place = ReceiptTable.Place(ledger: number, ordinal: ordinal)
        if !receipts.insert(record.group, record.delivery, place) { forgotReceipts = true }
    }

    private func order(of topic: UInt16) -> OrderLedger {
        OrderLedger(topic: topic, clockErrorNanoseconds: settings.clockErrorNanoseconds)
    }

    /// When a send crossed and when it was answered, where one order for all is asked for.
    private mutating func feedOrder(_ record: HistoryRecord) {
        guard settings.expectations.ordering == .total else { return }
        let topic = record.lane.topic
        let empty = order(of: topic)
        orders[topic, default: empty].feed(record)
    }

    /// What handlers saw stood for deliveries until the first delivery itself came.
    private mutating func dropDeliveries() {
        ledgers = []
        ledgerNumbers = [:]
        latestLedger.number = -1
        receipts.removeAll()
        for topic in orders.keys { orders[topic]?.forgetDeliveries() }
    }

    private func delivery(_ record: HistoryRecord) -> Delivery {
        var header = EventHeader()
        header.id = record.id
        header.n = record.n
        header.key = record.key
        header.digest = record.digest
        header.producer = record.lane.producer
        header.partition = record.lane.partition
        header.payloadBytes = record.payloadBytes
        var envelope = record.envelope
        if record.digest != 0 {
            let sent = digests.find(lane: record.lane, n: record.n)
            if sent != 0, sent != record.digest { envelope = .corrupted }
        }
        let isHandle = record.kind == .handle
        return Delivery(
            header: header,
            payload: PayloadReference(),
            receipt: record.delivery,
            offset: record.offset,
            invoked: record.invoked,
            attempt: record.attempt,
            topic: record.lane.topic,
            partition: isHandle ? record.lane.partition : record.partition,
            isRedelivered: record.isRedelivered,
            envelope: envelope
        )
    }

    private mutating func ledgerNumber(group: UInt16, topic: UInt16) -> Int {
        let place = LedgerRef(group: group, topic: topic)
        if latestLedger.number < 0 || latestLedger.place != place {
            latestLedger = (place, ledgerNumbers[place] ?? addLedger(place))
        }
        return latestLedger.number
    }

    private mutating func addLedger(_ place: LedgerRef) -> Int {
        let rules = DeliveryRules(
            leaseNanoseconds: settings.leaseNanoseconds,
            maxDeliveries: settings.maxDeliveries,
            clockErrorNanoseconds: settings.clockErrorNanoseconds,
            ordering: settings.expectations.ordering ?? .perKey,
            watchesDeadLetters: settings.profile.capabilities.contains(.deadLetter)
        )
        ledgers.append(
            DeliveryLedger(
                group: place.group,
                topic: place.topic,
                profile: settings.profile,
                rules: rules
            )
        )
        ledgerNumbers[place] = ledgers.count - 1
        if hasLosses.contains(place.group) {
            ledgers[ledgers.count - 1].receiveLost(consumer: 0, at: .zero)
        }
        return ledgers.count - 1
    }

    private mutating func effectNumber(_ group: UInt16) -> Int {
        if latestEffects.number < 0 || latestEffects.group != group {
            latestEffects = (group, effectNumbers[group] ?? addEffects(group))
        }
        return latestEffects.number
    }

    private mutating func addEffects(_ group: UInt16) -> Int {
        effects.append(EffectLedger(group: group, hash: hash, checksOrder: true))
        effectNumbers[group] = effects.count - 1
        return effects.count - 1
    }

    private mutating func feedEffect(_ record: HistoryRecord) {
        guard record.phase == .ok else { return }
        let number = effectNumber(record.group)
        effects[number].applied(
            record.lane,
            n: record.n,
            id: record.id,
            key: record.key,
            at: record.time
        )
        if effects[number].handlerState == nil { effects[number].handlerState = StateDigest() }
        effects[number].handlerState?.add(id: record.id, key: record.key, hash: hash)
    }

    private mutating func feedGivenUp(_ record: HistoryRecord) {
        guard record.phase == .fail else { return }
        effects[effectNumber(record.group)].gaveUp(record.lane, n: record.n)
    }

    private mutating func feedAnswer(_ record: HistoryRecord, _ kind: Settlement.Kind) {
        guard let place = receipts[record.group, record.delivery] else { return }
        let range = place.ordinal..<place.ordinal + 1
        if record.phase == .invoke {
            ledgers[place.ledger].settleInvoked(
                kind,
                deliveries: range,
                nanoseconds: record.nanoseconds,
                at: record.time
            )
            return
        }
        ledgers[place.ledger].settleEnded(
            kind,
            deliveries: range,
            outcome: record.settlementOutcome,
            at: record.time
        )
        if record.phase == .ok, kind != .extend {
            receipts.remove(record.group, record.delivery)
        }
    }

    private mutating func feedDeadLetter(_ record: HistoryRecord) {
        if record.delivery != .max, receipts[record.group, record.delivery] != nil {
            return feedAnswer(record, .deadLetter)
        }
        guard record.phase == .ok else { return }
        effects[effectNumber(record.group)].deadLettered(
            record.lane,
            n: record.n,
            byBroker: record.side == .boundary
        )
        for index in ledgers.indices
        where ledgers[index].group == record.group && ledgers[index].topic == record.lane.topic {
            ledgers[index].deadLettered(
                record.lane,
                n: record.n,
                reason: record.side == .boundary ? .deliveriesExhausted : .attemptsExhausted,
                attempts: record.attempt > 0 ? Int(record.attempt) : nil,
                at: record.time
            )
        }
    }

    private mutating func feedDeparture(_ record: HistoryRecord) {
        hasLosses.insert(record.group)
        for index in ledgers.indices where ledgers[index].group == record.group {
            if record.kind == .crash {
                ledgers[index].crashed(consumer: record.consumer, at: record.time)
            } else {
                ledgers[index].closed(consumer: record.consumer, at: record.time)
            }
        }
    }

    private mutating func feedReceive(_ record: HistoryRecord) {
        guard record.phase == .info else { return }
        hasLosses.insert(record.group)
        for index in ledgers.indices where ledgers[index].group == record.group {
            ledgers[index].receiveLost(consumer: record.consumer, at: record.time)
        }
    }

    private mutating func feedDrain(_ record: HistoryRecord) {
        switch record.phase {
        case .invoke: break
        case .ok: drain = .drained(at: record.time)
        case .fail, .info: drain = .unfinished(reason: "the run did not come to rest")
        }
    }

    private mutating func feedFault(_ record: HistoryRecord) {
        fired.fired(rule: Int(record.rule), lane: record.lane, n: record.n)
    }
}
