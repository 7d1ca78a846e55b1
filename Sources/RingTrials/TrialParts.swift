import LatencyMetrics
import RingCore
import Synchronization

/// The threads of a trial, ready to be started, and the accounts of its rings.
struct TrialParts {
    /// What each thread does with its duty.
    var bodies: [@Sendable (TrialDuty) -> Void] = []
    /// The accounts; the first one is of what producers made.
    var streams: [TrialStream] = []
}

/// The threads of a round trip, and what they measure.
struct RoundTripParts {
    var parts: TrialParts
    var tally: RoundTripTally
}

/// How long round trips took, in ticks of the time-stamp counter.
final class RoundTripTally: Sendable {
    private let ticks = Mutex<HistogramSnapshot?>(nil)

    func set(_ snapshot: HistogramSnapshot) { ticks.withLock { $0 = snapshot } }

    var snapshot: HistogramSnapshot? { ticks.withLock(\.self) }
}

/// How the threads of a trial are made for one kind of ring and one kind of item.
///
/// Behind it everything is specialised; nothing of it is called while a trial runs. Closures, not
/// an existential: an optimised build finds no metadata for types over ends that cannot be copied
/// (Swift 6.3.1).
struct TrialAssembly {
    let parts: () throws(RingError) -> TrialParts
    let roundTrip: () throws(RingError) -> RoundTripParts
}
