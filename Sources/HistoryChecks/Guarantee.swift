/// A promise that a run can keep or break.
///
/// The numbers are stable: reports, tests and users refer to `A4`. What each means, with a small
/// example, is in `Guarantee.entry`.
public enum Guarantee: UInt8, Sendable, Hashable, CaseIterable {
    /// Nothing is delivered that was never sent.
    case a1 = 1
    /// What is delivered is what crossed the boundary.
    case a2 = 2
    /// Nothing is delivered whose every attempt was refused.
    case a3 = 3
    /// Every confirmed event is delivered to every group.
    case a4 = 4
    /// No stored copy is delivered twice without a reason.
    case a5 = 5
    /// No event is stored more often than it crossed.
    case a6 = 6
    /// No redelivery without a justification.
    case a7 = 7
    /// Every confirmed event takes effect exactly once.
    case a8 = 8
    /// The handler's state equals the fold of the distinct applied events.
    case a9 = 9
    /// Repeats inside the de-duplication window are recognised.
    case a10 = 10
    /// Events of one producer and key come in the order of crossing.
    case a11 = 11
    /// Sends ordered in real time are delivered in that order.
    case a12 = 12
    /// A consumer's offsets increase without jumps.
    case a13 = 13
    /// All readers agree on what an offset holds.
    case a14 = 14
    /// All subscribers see one order.
    case a15 = 15
    /// The queue or log is linearizable.
    case a16 = 16
    /// Causes are delivered before their effects.
    case a17 = 17
    /// While a lease lives nobody else is handed the event.
    case a18 = 18
    /// A group in flight blocks its later events.
    case a19 = 19
    /// What was refused or expired comes again or goes to the dead letters.
    case a20 = 20
    /// Attempts increase, stay within the limit and end in the dead letters.
    case a21 = 21
    /// A delivery without the redelivered flag is the first.
    case a22 = 22
    /// No redelivery earlier than the asked delay.
    case a23 = 23
    /// A confirmed event survives a crash.
    case a24 = 24
    /// A commit covers only what was applied.
    case a25 = 25
    /// A repeat of an idempotent producer is answered with the first outcome.
    case a26 = 26
    /// A transaction is visible as a whole or not at all.
    case a27 = 27
    /// Outbox and inbox agree with the state.
    case a28 = 28
    /// What is not delivered is queued or declared as dropped.
    case a29 = 29
    /// Envelopes and schemas are respected.
    case a30 = 30
    /// Readers do not fall behind known positions.
    case a31 = 31
    /// Each crossing is answered once and in time.
    case a32 = 32
    /// A stale receipt settles nothing.
    case a33 = 33
    /// Effects of one key happen in order.
    case a34 = 34
    /// A consumer resumes at the last confirmed commit.
    case a35 = 35
    /// A slow or poisonous key does not hold up others.
    case a36 = 36
    /// A partition has one owner in a generation.
    case a37 = 37
    /// Events arrive where they were sent.
    case a38 = 38
    /// Metadata come back unchanged.
    case a39 = 39
    /// Nothing is delivered before its time or after its expiry.
    case a40 = 40
    /// A reply reaches its requester, once.
    case a41 = 41
    /// No more sends than allowed end with an unknown fate.
    case unresolved = 100

    /// The identifier that reports use.
    public var id: String { self == .unresolved ? "unresolved" : "A\(rawValue)" }

    /// The guarantee with this identifier, in any case of letters.
    public init?(id: String) {
        let wanted = id.lowercased()
        guard let found = Self.allCases.first(where: { $0.id.lowercased() == wanted }) else {
            return nil
        }
        self = found
    }
}
