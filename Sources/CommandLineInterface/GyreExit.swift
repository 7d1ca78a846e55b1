import ArgumentParser
import RunRecords

/// What exit codes mean; the contract with scripts and CI.
enum GyreExit: Int32, CaseIterable {
    case held = 0
    case violated = 1
    case usage = 2
    case brokerGone = 3
    case inconclusive = 4
    case thresholdMissed = 5
    case ownFault = 70
    case interrupted = 130

    /// For argument-parser, which ends the process with it.
    var code: ExitCode { ExitCode(rawValue) }

    /// When several apply, the earlier in this order wins.
    private static let order: [GyreExit] = [
        .ownFault, .violated, .brokerGone, .thresholdMissed, .inconclusive, .interrupted, .usage,
        .held,
    ]

    /// The one that stands for all of `codes`.
    static func worst(_ codes: [GyreExit]) -> GyreExit {
        order.first { codes.contains($0) } ?? .held
    }
}
