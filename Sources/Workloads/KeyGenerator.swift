public import Messaging

/// Which key each event of one producer gets: a pure function of the event's number.
///
/// Cost an event: 1–3 ns; Zipf over more than `AliasTable.largest` keys about 100 ns. Allocates in
/// `init` alone.
public struct KeyGenerator: Sendable {
    private enum Form {
        case none
        case roundRobin
        case uniform
        case table
        case inversion
        case hotSet
    }

    /// The most keys that a distribution may have: what `EventKey` can number.
    public static let mostKeys = 1 << 40

    private let form: Form
    private let pattern: UInt16
    private let hash: KeyedHash
    private let count: UInt64
    private let hot: UInt64
    private let share: Double
    private let table: AliasTable
    private let inversion: ZipfInversion

    /// Prepares to draw from `distribution`; `hash` belongs to this producer alone.
    ///
    /// - Precondition: 1 ... `mostKeys` keys; 1 ≤ hot ≤ count; exponents finite and not negative.
    public init(_ distribution: KeyDistribution, hash: KeyedHash) {
        self.hash = hash
        pattern = distribution.pattern
        var (form, count, hot, share) = (Form.none, 1, 1, 1.0)
        var table = AliasTable.empty
        var inversion = ZipfInversion(count: 1, exponent: 1)
        switch distribution.shape {
        case .none: break
        case .roundRobin(let keys): (form, count) = (.roundRobin, keys)
        case .uniform(let keys): (form, count) = (.uniform, keys)
        case .zipf(let keys, let exponent):
            precondition(exponent >= 0 && exponent.isFinite, "a Zipf exponent is not negative")
            count = keys
            if keys > AliasTable.largest {
                (form, inversion) = (.inversion, ZipfInversion(count: keys, exponent: exponent))
            } else {
                (form, table) = (.table, AliasTable(zipf: keys, exponent: exponent))
            }
        case .hotSet(let keys, let some, let part):
            precondition(some >= 1 && some <= keys, "1 ... count keys are hot")
            precondition(part >= 0 && part <= 1, "a share lies in 0 ... 1")
            (form, count, hot, share) = (.hotSet, keys, some, some == keys ? 1 : part)
        }
        precondition(count >= 1 && count <= Self.mostKeys, "a key distribution has 1 ... 2^40 keys")
        (self.form, self.count, self.hot) = (form, UInt64(count), UInt64(hot))
        (self.share, self.table, self.inversion) = (share, table, inversion)
    }

    /// The key of event number `n`.
    public func key(_ n: UInt64) -> EventKey {
        switch form {
        case .none: return .none
        case .roundRobin: return key(index: n % count)
        case .uniform: return key(index: draw(n, below: count))
        case .table: return key(index: table.index(for: hash.hash(n, 0)))
        case .inversion: return key(index: inversion.index(hash, n))
        case .hotSet:
            guard hash.hash(n, 1).unitInterval >= share else {
                return key(index: draw(n, below: hot))
            }
            return key(index: hot &+ draw(n, below: count &- hot))
        }
    }

    /// Appends the keys of the `count` events from number `first` on.
    public func append(_ count: Int, from first: UInt64, to keys: inout Batch<EventKey>) {
        for place in 0..<count {
            keys.append(key(first &+ UInt64(truncatingIfNeeded: place)))
        }
    }

    private func key(index: UInt64) -> EventKey {
        EventKey(pattern: pattern, index: index)
    }

    private func draw(_ n: UInt64, below bound: UInt64) -> UInt64 {
        hash.hash(n, 0).multipliedFullWidth(by: bound).high
    }
}
