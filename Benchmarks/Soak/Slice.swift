import CGyreShims
import Foundation
import RingCore
import Synchronization

/// A stretch of time in which producers and consumers work on one ring, and what came of it.
///
/// An item says who made it and its number, from 1 on without a gap.
final class Slice: Sendable {
    private let deadline: Int64
    private let producers: Int
    private let finished = Atomic<Int>(0)
    private let published = Atomic<UInt64>(0)
    private let taken = Atomic<UInt64>(0)
    private let disorders = Atomic<UInt64>(0)

    private static let numberBits: UInt64 = 48

    init(seconds: Int64, producers: Int) {
        deadline = gyre_monotonic_nanoseconds() + seconds * 1_000_000_000
        self.producers = producers
    }

    /// Items that consumers took.
    var items: UInt64 { taken.load(ordering: .relaxed) }

    /// What is wrong, or nil; `copies` is how many consumers were to see each item.
    func fault(copies: UInt64) -> String? {
        let wrong = disorders.load(ordering: .relaxed)
        let wanted = published.load(ordering: .relaxed) * copies
        if wrong > 0 { return "\(wrong) out of order" }
        return items == wanted ? nil : "\(items) taken of \(wanted)"
    }

    /// Runs each body on a thread of its own until all have returned.
    static func run(_ bodies: [@Sendable () -> Void]) {
        let group = DispatchGroup()
        for body in bodies {
            group.enter()
            Thread {
                body()
                group.leave()
            }.start()
        }
        group.wait()
    }

    /// Offers items until time is up; `publish` takes a first number and how many are wanted, and
    /// says how many there was room for.
    func produce(_ producer: UInt64, _ publish: (UInt64, Int) -> Int) {
        var wait = AdaptiveWait()
        var next: UInt64 = 1
        var turns = 0
        while turns & 1023 != 0 || gyre_monotonic_nanoseconds() < deadline {
            // All lengths up to a batch, so that ends and starts of batches fall everywhere.
            let count = publish(producer << Self.numberBits | next, 1 + turns & 31)
            turns += 1
            next += UInt64(count)
            if count == 0 { wait.idle() } else { wait.reset() }
        }
        published.wrappingAdd(next - 1, ordering: .relaxed)
        finished.wrappingAdd(1, ordering: .releasing)
    }

    /// Takes items until there will be no more; `take` hands over what is there.
    ///
    /// Items of one producer come in order, and without a gap to whoever `seesAll`.
    func consume(seesAll: Bool, _ take: ((UInt64) -> Void) -> Int) {
        var wait = AdaptiveWait()
        var last = [UInt64](repeating: 0, count: producers)
        var (count, wrong): (UInt64, UInt64) = (0, 0)
        while true {
            let mayEnd = finished.load(ordering: .acquiring) == producers
            let got = take { item in
                let producer = Int(item >> Self.numberBits)
                let number = item & (1 << Self.numberBits - 1)
                let before = last[producer]
                if seesAll ? number != before + 1 : number <= before { wrong += 1 }
                last[producer] = number
            }
            count += UInt64(got)
            if got > 0 {
                wait.reset()
            } else if mayEnd {
                break
            } else {
                wait.idle()
            }
        }
        taken.wrappingAdd(count, ordering: .relaxed)
        disorders.wrappingAdd(wrong, ordering: .relaxed)
    }
}
