import Clients
import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Scenarios
import Synchronization

/// Everything that takes part in one live run.
struct Crew {
    let session: any BrokerSession
    let workers: [Worker]
    let groups: [GroupState]
    /// The order of each topic, where one order for all is asked for.
    let orders: [TopicOrder]

    var confirmed: UInt64 {
        workers.reduce(0) { $0 + $1.progress.confirmed.load(ordering: .relaxed) }
    }

    var delivered: UInt64 {
        workers.reduce(0) { $0 + $1.progress.delivered.load(ordering: .relaxed) }
    }

    /// How often each worker has stepped all its clients.
    var rounds: [UInt64] { workers.map { $0.progress.rounds.load(ordering: .relaxed) } }

    var areProducersSettled: Bool {
        workers.allSatisfy {
            $0.producers.isEmpty || $0.progress.isSettled.load(ordering: .acquiring)
        }
    }

    var areConsumersSettled: Bool {
        workers.allSatisfy {
            $0.consumers.isEmpty || $0.progress.isSettled.load(ordering: .acquiring)
        }
    }

    /// What everybody has to show, once all threads are joined.
    func harvest() -> Harvest {
        var harvest = Harvest()
        for worker in workers {
            for seat in worker.producers {
                harvest.crossings.append(seat.client.crossingLedger)
                harvest.sends.append(seat.client.sendLedger)
                harvest.producers.append(seat.client.counts)
                harvest.add(seat.client.faultCounts, seat.client.strikes)
                seat.client.flushRecords()
                harvest.flights.append(seat.client.recorder.flight)
            }
            for seat in worker.consumers {
                harvest.consumers.append((seat.client.settings.group, seat.client.counts))
                harvest.add(seat.client.faultCounts, seat.client.strikes)
                seat.client.flushRecords()
                harvest.flights.append(seat.client.recorder.flight)
            }
            harvest.histograms.append(contentsOf: worker.metrics.histograms())
            let intervals = worker.metrics.intervals()
            if worker.consumers.isEmpty {
                harvest.producerIntervals.append(intervals)
            } else {
                harvest.consumerIntervals.append(intervals)
            }
            harvest.allocatedBytes.append(worker.allocatedBytes)
            harvest.processorNanoseconds += worker.processorNanoseconds
            harvest.queuedShares.append(worker.queuedShare)
        }
        harvest.histograms = LatencySet.merged(harvest.histograms)
        for group in groups {
            let ledgers = group.ledgers
            harvest.deliveries.append(ledgers.deliveries)
            harvest.effects.append(ledgers.effects)
        }
        harvest.orders = orders.map(\.ledger)
        return harvest
    }
}

/// What the clients of a run recorded.
struct Harvest {
    var crossings: [SendLedger] = []
    var sends: [SendLedger] = []
    var deliveries: [DeliveryLedger] = []
    var orders: [OrderLedger] = []
    var effects: [EffectLedger] = []
    var producers: [ProducerCounts] = []
    var consumers: [(group: UInt16, counts: ConsumerCounts)] = []
    var faults: [FaultCounts] = []
    var strikes: [FaultStrike] = []
    var flights: [FlightRecorder] = []
    var histograms: [LabelledHistogram] = []
    var producerIntervals: [[Interval]] = []
    var consumerIntervals: [[Interval]] = []
    var allocatedBytes: [Int64?] = []
    var processorNanoseconds: Int64 = 0
    var queuedShares: [Double?] = []

    fileprivate mutating func add(_ counts: [[FaultCounts]], _ struck: [FaultStrike]) {
        for layer in counts {
            if faults.isEmpty { faults = Array(repeating: FaultCounts(), count: layer.count) }
            for (rule, count) in layer.enumerated() { faults[rule].merge(count) }
        }
        strikes.append(contentsOf: struck)
    }
}
