/// The fields of a history line.
enum LineField: Int, CaseIterable {
    case index, time, process, type, f, value

    var name: String { String(describing: self) }
}

/// The fields of a delivery record's value.
///
/// Those that some record needs come first, in the order in which they are asked for.
enum ValueField: Int, CaseIterable {
    case group, consumer, topic, partition, producer, n, receipt, rule
    case side, sentPartition, key, epoch, id, attempt, copy, offset, redelivered, invoked
    case delay, size, digest, envelope

    var name: String { self == .sentPartition ? "sent-partition" : String(describing: self) }

    /// What a field holds.
    enum Shape: Equatable {
        /// One of a few words.
        case text
        case flag
        /// A name or a number.
        case word
        case whole(ClosedRange<Int64>)
    }

    var shape: Shape {
        switch self {
        case .group, .topic, .rule, .key, .id, .receipt, .digest: .word
        case .side, .envelope: .text
        case .redelivered: .flag
        case .consumer, .partition, .sentPartition, .producer: .whole(0...Int64(UInt16.max))
        case .epoch, .copy: .whole(0...Int64(UInt8.max))
        case .attempt, .size: .whole(0...Int64(UInt32.max))
        case .n: .whole(0...Self.wholeLimit)
        case .offset, .invoked, .delay: .whole(-Self.wholeLimit...Self.wholeLimit)
        }
    }

    /// Numbers and times end here (146 years of nanoseconds), so that sums of two are numbers.
    static let wholeLimit: Int64 = 1 << 62
}

/// A set of value fields.
struct ValueFields: OptionSet, Hashable, Sendable {
    var rawValue: UInt32

    init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    init(_ fields: [ValueField]) {
        rawValue = fields.reduce(0) { $0 | 1 << UInt32($1.rawValue) }
    }

    @inline(__always)
    func has(_ field: ValueField) -> Bool {
        rawValue &>> UInt32(truncatingIfNeeded: field.rawValue) & 1 != 0
    }

    @inline(__always)
    mutating func add(_ field: ValueField) {
        rawValue |= 1 &<< UInt32(truncatingIfNeeded: field.rawValue)
    }
}

extension HistoryRecord.Kind {
    /// The fields that a record of this kind cannot do without.
    @inline(__always)
    var requiredFields: ValueFields {
        switch self {
        case .send, .publish: .ofEvents
        case .deliver, .handle, .apply: .ofDeliveries
        case .ack, .nack, .extend, .commit, .deadLetter, .settle: .ofAnswers
        case .receive, .crash, .rebalance: .ofMembers
        case .fault: .ofFaults
        case .drain: []
        }
    }

    /// Dead letters that were found are told by number, moves to them by receipt; a handler that
    /// gives up answers no delivery in particular.
    var needsNoReceipt: Bool { self == .deadLetter || self == .settle }

    /// The side that a record of this kind tells of, unless it says otherwise.
    var defaultSide: HistorySide {
        switch self {
        case .send, .handle, .apply, .settle: .application
        default: .boundary
        }
    }
}

extension ValueFields {
    fileprivate static let ofEvents = ValueFields([.producer, .topic, .partition, .n])
    fileprivate static let ofMembers = ValueFields([.group, .consumer])
    fileprivate static let ofDeliveries = ofEvents.union(ofMembers)
    fileprivate static let ofAnswers = ValueFields([.group, .receipt])
    fileprivate static let ofFaults = ValueFields([.rule])
}
