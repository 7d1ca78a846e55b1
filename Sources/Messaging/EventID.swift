/// The identity of one logical event, equal in every attempt, copy and redelivery of it.
///
/// Layout, from the high bit: producer 12 bits, epoch 8, sequence 44.
@frozen
public struct EventID: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// The packed identifier.
    public var rawValue: UInt64

    /// Wraps an identifier that was packed before.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Packs an identifier.
    ///
    /// - Precondition: `producer` < 4,096 and `sequence` < 2^44.
    @inlinable
    public init(producer: UInt16, epoch: UInt8, sequence: UInt64) {
        precondition(producer < 4096 && sequence < 1 << 44, "event identifier out of range")
        rawValue = UInt64(producer) << 52 | UInt64(epoch) << 44 | sequence
    }

    /// The number of the producer that made the event.
    @inlinable
    public var producer: UInt16 { UInt16(truncatingIfNeeded: rawValue >> 52) }

    /// The producer's incarnation; a restarted producer takes the next one.
    @inlinable
    public var epoch: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 44) }

    /// The event's number within its producer and epoch, from 0.
    @inlinable
    public var sequence: UInt64 { rawValue & (1 << 44 - 1) }
}

/// A key as a number: which name pattern it belongs to and its index in it.
///
/// Keys with equal names are equal numbers; `KeyNames` maps between the two.
@frozen
public struct EventKey: RawRepresentable, Hashable, Sendable, BitwiseCopyable {
    /// 0 for *no key*, else (name pattern + 1) << 40 | index.
    public var rawValue: UInt64

    /// Wraps a packed key.
    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// The key with `index` (below 2^40) in the name pattern with number `pattern`.
    @inlinable
    public init(pattern: UInt16, index: UInt64) {
        rawValue = (UInt64(pattern) + 1) << 40 | index
    }

    /// The absence of a key.
    @inlinable
    public static var none: EventKey { EventKey(rawValue: 0) }

    /// The index within the name pattern.
    @inlinable
    public var index: UInt64 { rawValue & (1 << 40 - 1) }
}

/// The key names of a run: patterns such as `customer-%d`, one placeholder each.
public struct KeyNames: Hashable, Sendable {
    /// The patterns, by number; no pattern stands twice.
    public private(set) var patterns: [String] = []

    /// Names without any pattern.
    public init() {}

    /// The number of `pattern`, added if it is new.
    public mutating func number(of pattern: String) -> UInt16 {
        if let known = patterns.firstIndex(of: pattern) { return UInt16(known) }
        patterns.append(pattern)
        return UInt16(patterns.count - 1)
    }

    /// The text of `key`, or `nil` for no key and for one that no pattern makes.
    public func name(of key: EventKey) -> String? {
        let number = Int(key.rawValue >> 40) - 1
        guard patterns.indices.contains(number) else { return nil }
        let pattern = patterns[number]
        guard let mark = Self.placeholder(in: pattern) else { return pattern }
        return pattern[..<mark.lowerBound] + String(key.index) + pattern[mark.upperBound...]
    }

    /// The key whose text is `name`, or `nil` if no pattern makes that text.
    public func key(named name: String) -> EventKey? {
        for (number, pattern) in patterns.enumerated() {
            guard let mark = Self.placeholder(in: pattern) else {
                if pattern == name { return EventKey(pattern: UInt16(number), index: 0) }
                continue
            }
            let prefix = pattern[..<mark.lowerBound]
            let suffix = pattern[mark.upperBound...]
            guard name.hasPrefix(prefix), name.hasSuffix(suffix),
                name.utf8.count > prefix.utf8.count + suffix.utf8.count
            else { continue }
            let digits = name.dropFirst(prefix.count).dropLast(suffix.count)
            if let index = UInt64(digits), String(index) == digits, index < 1 << 40 {
                return EventKey(pattern: UInt16(number), index: index)
            }
        }
        return nil
    }

    /// Where `pattern` has the index of its keys; `nil` if it is the name of a single key.
    public static func placeholder(in pattern: String) -> Range<String.Index>? {
        guard let percent = pattern.firstIndex(of: "%") else { return nil }
        let next = pattern.index(after: percent)
        guard next < pattern.endIndex, pattern[next] == "d" else { return nil }
        return percent..<pattern.index(after: next)
    }
}
