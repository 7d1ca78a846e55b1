public import Messaging

/// What the indices in history records stand for.
public struct HistoryNames: Sendable, Hashable {
    /// Topic names, by index.
    public var topics: [String]
    /// Group names, by index.
    public var groups: [String]
    /// How the run's keys are spelt.
    public var keyNames: KeyNames
    /// Fault rule names, by number.
    public var rules: [String]
    /// Keys that were read from a history and follow no pattern.
    var freeKeys = NameTable()

    /// Names of a run.
    public init(
        topics: [String] = [],
        groups: [String] = [],
        keyNames: KeyNames = KeyNames(),
        rules: [String] = []
    ) {
        self.topics = topics
        self.groups = groups
        self.keyNames = keyNames
        self.rules = rules
    }

    /// The key pattern number of keys that were read from a history.
    static let freePattern: UInt16 = 0xFFF0

    /// The text of `key`, or `nil` for no key.
    public func name(of key: EventKey) -> String? {
        guard key != .none else { return nil }
        if key.rawValue >> 40 == UInt64(Self.freePattern) + 1 {
            return key.index < UInt64(freeKeys.count) ? freeKeys[Int(key.index)] : nil
        }
        guard key.rawValue >> 40 > 0, key.rawValue >> 40 <= keyNames.patterns.count else {
            return nil
        }
        return keyNames.name(of: key)
    }
}
