import Dispatch
import Foundation
import Runs
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Turns Ctrl-C into an orderly end: the first one drains and records, the second stops at once.
final class InterruptWatch: Sendable {
    private let presses = Atomic<Int>(0)
    private let running = Mutex<RunSignals?>(nil)
    private let source: Mutex<[any DispatchSourceSignal]>

    init() {
        source = Mutex([])
        for number in [SIGINT, SIGTERM] {
            signal(number, SIG_IGN)
            let watch = DispatchSource.makeSignalSource(
                signal: number, queue: .global(qos: .userInitiated))
            watch.setEventHandler { [weak self] in self?.press() }
            watch.resume()
            source.withLock { $0.append(watch) }
        }
    }

    /// Whether the user wants everything to end.
    var isInterrupted: Bool { presses.load(ordering: .relaxed) > 0 }

    /// Interrupts go to this run from now on.
    func watch(_ signals: RunSignals?) {
        running.withLock { $0 = signals }
        if isInterrupted { signals?.interrupt() }
    }

    private func press() {
        let before = presses.add(1, ordering: .relaxed).oldValue
        if before > 0 { Glibc.exit(GyreExit.interrupted.rawValue) }
        Console.complain("\ninterrupted: draining and recording; press Ctrl-C again to stop at once")
        running.withLock { $0?.interrupt() }
    }
}
