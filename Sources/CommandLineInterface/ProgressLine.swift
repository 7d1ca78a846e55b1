import Messaging
import Runs

/// One line on standard error that says how far a run is; rewritten in place.
struct ProgressLine: Sendable {
    private let name: String

    init(name: String) {
        self.name = name
    }

    func show(_ progress: RunProgress) {
        let seconds = progress.now.nanoseconds / 1_000_000_000
        let end = (progress.phaseEnd.nanoseconds + 999_999_999) / 1_000_000_000
        Console.note(
            "\r\u{1B}[2K\(name): \(progress.phase.rawValue) \(seconds) of \(end) s, "
                + "\(Self.short(progress.confirmed)) confirmed, "
                + "\(Self.short(progress.delivered)) delivered"
        )
    }

    func clear() {
        Console.note("\r\u{1B}[2K")
    }

    private static func short(_ count: UInt64) -> String {
        switch count {
        case ..<10_000: "\(count)"
        case ..<10_000_000: "\(count / 1000)k"
        default: "\(count / 1_000_000)M"
        }
    }
}
