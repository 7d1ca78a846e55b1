import Foundation
import Messaging
import Runs

/// One line on standard error that says how far a run is; rewritten in place.
struct ProgressLine: Sendable {
    private static let eraseLine = "\r\u{1B}[2K"
    /// The width of a terminal that does not tell.
    private static let usualColumns = 80

    private let name: String

    init(name: String) {
        self.name = name
    }

    func show(_ progress: RunProgress) {
        Console.note(Self.eraseLine + Self.text(name, progress, columns: Self.columns))
    }

    /// Shows as much of `text` as the line has room for.
    static func show(_ text: String) {
        Console.note(eraseLine + String(text.prefix(max(0, columns - 1))))
    }

    static func clear() {
        Console.note(eraseLine)
    }

    private static var columns: Int { Terminal.columns(of: STDERR_FILENO) ?? usualColumns }

    /// What the line says, in less than `columns` columns: a full line would wrap.
    ///
    /// Where there is little room the scenario's name goes first.
    static func text(_ name: String, _ progress: RunProgress, columns: Int) -> String {
        let seconds = progress.now.nanoseconds / 1_000_000_000
        let end = (progress.phaseEnd.nanoseconds + 999_999_999) / 1_000_000_000
        let parts = [
            name + ":", "\(progress.phase.rawValue) \(seconds) of \(end) s,",
            "\(short(progress.confirmed)) confirmed,",
            "\(short(progress.delivered)) delivered",
        ]
        let whole = parts.joined(separator: " ")
        guard whole.count >= columns else { return whole }
        return String(parts.dropFirst().joined(separator: " ").prefix(max(0, columns - 1)))
    }

    private static func short(_ count: UInt64) -> String {
        switch count {
        case ..<10_000: "\(count)"
        case ..<10_000_000: "\(count / 1000)k"
        default: "\(count / 1_000_000)M"
        }
    }
}
