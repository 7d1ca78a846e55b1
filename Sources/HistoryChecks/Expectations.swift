/// What a scenario demands of the broker and of the application on top of it.
public struct Expectations: Hashable, Sendable {
    /// How often the broker must deliver each confirmed event to each group.
    public enum BrokerDelivery: String, Hashable, Sendable, CaseIterable {
        /// Nothing is lost.
        case atLeastOnce = "at-least-once"
        /// Nothing comes twice.
        case atMostOnce = "at-most-once"
        /// Only what is delivered must be true.
        case none
    }

    /// Which order the broker must keep, on first deliveries.
    public enum BrokerOrdering: String, Hashable, Sendable, CaseIterable {
        /// None.
        case none
        /// That of each producer for each key.
        case perKey = "per-key"
        /// That of each producer within a partition.
        case perProducer = "per-producer"
        /// One order for everybody.
        case total
    }

    /// How often each confirmed event must have taken effect in each group.
    public enum Effect: String, Hashable, Sendable, CaseIterable {
        /// Exactly once.
        case exactlyOnce = "exactly-once"
        /// Once or more.
        case atLeastOnce = "at-least-once"
        /// Once or never.
        case atMostOnce = "at-most-once"
        /// Any number of times.
        case none
    }

    /// Which order the effects must keep.
    public enum EffectOrder: String, Hashable, Sendable, CaseIterable {
        /// None.
        case none
        /// That of each producer for each key.
        case perKey = "per-key"
    }

    /// `nil` if the scenario does not say: then A1–A4 are required.
    public var delivery: BrokerDelivery?
    /// `nil` if the scenario does not say.
    public var ordering: BrokerOrdering?
    /// `nil` if the scenario does not say.
    public var effect: Effect?
    /// `nil` if the scenario does not say.
    public var effectOrder: EffectOrder?
    /// The most sends whose fate may stay unknown; `nil` if the scenario does not say.
    public var unresolved: Int?

    /// Expectations that say nothing.
    public init() {}

    /// Whether the scenario says nothing at all.
    public var isEmpty: Bool { self == Expectations() }
}
