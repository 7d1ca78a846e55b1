public import Messaging

/// What all random decisions and digests of a run derive from.
public struct RunSeed: Hashable, Sendable {
    /// The run's number, carried by every event.
    public var number: UInt32
    /// The source of decisions.
    public var hash: KeyedHash
    /// The digest function of payloads.
    public var digest: KeyedHash

    /// Derives everything from the scenario's seed.
    public init(seed: UInt64) {
        hash = KeyedHash(seed: seed)
        digest = hash.derived(for: 0x6469_6765_7374)
        number = UInt32(truncatingIfNeeded: hash.hash(0x7275_6E, 0)) | 1
    }
}
