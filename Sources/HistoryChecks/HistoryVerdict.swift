import Foundation
public import Histories
import Messaging

/// The verdict on one history, as `gyre check --format json` prints it: one line.
public struct HistoryVerdict: Encodable, Sendable {
    /// `true`, `false` or `"unknown"`.
    public enum Validity: Encodable, Sendable, Hashable {
        /// Every required guarantee held.
        case valid
        /// One was violated.
        case invalid
        /// One could not be decided, and none was violated.
        case unknown

        /// Writes a truth value or the word.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .valid: try container.encode(true)
            case .invalid: try container.encode(false)
            case .unknown: try container.encode("unknown")
            }
        }
    }

    /// One anomaly.
    public struct Item: Encodable, Sendable, Hashable {
        /// The guarantee's identifier.
        public var id: String
        /// `P` or `B`.
        public var side: String
        /// Who is to be blamed.
        public var blame: Blame
        /// The topic's name.
        public var topic: String?
        /// The partition.
        public var partition: UInt16?
        /// The producer number.
        public var producer: UInt16?
        /// The group's name.
        public var group: String?
        /// The event's key.
        public var key: String?
        /// The event's number.
        public var n: UInt64
        /// How many cases it stands for.
        public var count: UInt64
        /// The particulars.
        public var detail: String
    }

    /// The file's name.
    public var file: String
    /// The verdict.
    public var valid: Validity
    /// What broke required guarantees, by published name.
    public var anomalies: [String: [Item]]
    /// What was observed but never promised; left out if empty.
    public var observed: [String: [Item]]?
    /// What could not be decided, and why.
    public var unknown: [String]

    /// Sums `results` up for the history in `file`.
    public init(file: String, results: [CheckResult], names: HistoryNames) {
        self.file = file
        anomalies = [:]
        var observed: [String: [Item]] = [:]
        for result in results {
            for anomaly in result.anomalies {
                let item = Item(anomaly, names)
                if result.isRequired {
                    anomalies[anomaly.name, default: []].append(item)
                } else {
                    observed[anomaly.name, default: []].append(item)
                }
            }
        }
        self.observed = observed.isEmpty ? nil : observed
        unknown = results.compactMap { result in
            guard result.isRequired, case .unknown(let reason) = result.verdict else { return nil }
            return "\(result.guarantee.id): \(reason)"
        }
        let isViolated = results.contains(where: \.isViolation)
        valid = isViolated ? .invalid : unknown.isEmpty ? .valid : .unknown
    }

    /// The verdict as one line of JSON, without a line break.
    public var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}

extension HistoryVerdict.Item {
    fileprivate init(_ anomaly: Anomaly, _ names: HistoryNames) {
        id = anomaly.guarantee.id
        side = anomaly.side.letter
        blame = anomaly.blame
        topic = anomaly.lane.flatMap { Self.name($0.topic, in: names.topics) }
        partition = anomaly.lane?.partition
        producer = anomaly.lane?.producer
        group = anomaly.group.flatMap { Self.name($0, in: names.groups) }
        key = names.name(of: anomaly.key)
        n = anomaly.n
        count = anomaly.count
        detail = anomaly.detail
    }

    private static func name(_ index: UInt16, in names: [String]) -> String? {
        names.indices.contains(Int(index)) ? names[Int(index)] : nil
    }
}
