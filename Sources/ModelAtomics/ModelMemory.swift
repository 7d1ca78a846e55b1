/// What a thread has seen: per cell the oldest message it may still read, per thread a time.
struct View {
    var messages: [Int] = []
    var clock: [Int]

    init(threads: Int) {
        clock = Array(repeating: 0, count: threads)
    }

    mutating func join(_ other: View) {
        for cell in other.messages.indices {
            raise(cell, to: other.messages[cell])
        }
        for thread in other.clock.indices {
            clock[thread] = max(clock[thread], other.clock[thread])
        }
    }

    func oldest(_ cell: Int) -> Int {
        cell < messages.count ? messages[cell] : 0
    }

    mutating func raise(_ cell: Int, to message: Int) {
        while messages.count <= cell { messages.append(0) }
        messages[cell] = max(messages[cell], message)
    }
}

/// A value in a cell's modification order, with what its writer released by it.
struct Message {
    var value: UInt64
    var released: View?
}

/// A fence, by what it orders.
public enum ModelFence: String, Sendable {
    /// Relaxed loads before it acquire.
    case acquire
    /// Relaxed stores after it release.
    case release
    /// Both, and all of these fences stand in one order that everyone sees.
    case sequentiallyConsistent
}

/// An access to a slot: which thread, at which of its times.
struct SlotStamp: Equatable {
    var thread: Int
    var time: Int
}

/// A copy that a thread took of a slot it does not own.
struct Peek {
    /// When, by the clock of the thread.
    var time: Int
    /// The last write before it.
    var write: SlotStamp?
    /// Whether that write happened before it.
    var isOrdered: Bool
}

/// The modelled memory: cells as lists of messages, slots as the stamps of their accesses.
///
/// A release store attaches the writer's view to its message; an acquire load joins it. A
/// read-modify-write reads the last message and passes on what that one released. What a relaxed
/// load reads is kept for an acquire fence, and a release fence's view goes with the relaxed stores
/// behind it. Slots have no
/// history: two accesses of which one writes must be ordered by happens-before.
struct ModelMemory {
    /// The searching thread and those it models.
    static let threadsMax = 6
    private(set) var cells: [[Message]] = []
    private(set) var views = [View](
        repeating: View(threads: ModelMemory.threadsMax),
        count: ModelMemory.threadsMax
    )
    /// What relaxed loads have read but not acquired, for a fence to acquire.
    private var acquirable = [View?](repeating: nil, count: ModelMemory.threadsMax)
    /// What a fence has made relaxed stores release.
    private var fenced = [View?](repeating: nil, count: ModelMemory.threadsMax)
    /// What every sequentially consistent fence so far has seen.
    private var serial: View?
    private var writes: [SlotStamp?] = []
    private var reads: [[Int]] = []
    private var peeks: [[Peek?]] = []

    mutating func addCell(_ value: UInt64) -> Int {
        // What the set-up writes happens before every thread, so there is no view to attach.
        cells.append([Message(value: value, released: nil)])
        return cells.count - 1
    }

    mutating func addSlots(_ count: Int) -> Int {
        let first = writes.count
        writes.append(contentsOf: Array(repeating: nil, count: count))
        let none = Array(repeating: -1, count: ModelMemory.threadsMax)
        reads.append(contentsOf: Array(repeating: none, count: count))
        let unseen = [Peek?](repeating: nil, count: ModelMemory.threadsMax)
        peeks.append(contentsOf: Array(repeating: unseen, count: count))
        return first
    }

    func value(_ cell: Int, _ message: Int) -> UInt64 { cells[cell][message].value }

    func newest(_ cell: Int) -> Int { cells[cell].count - 1 }

    mutating func load(_ thread: Int, _ cell: Int, message: Int, acquires: Bool) -> UInt64 {
        let read = cells[cell][message]
        views[thread].raise(cell, to: message)
        see(thread, read, acquires: acquires)
        tick(thread)
        return read.value
    }

    private mutating func see(_ thread: Int, _ message: Message, acquires: Bool) {
        guard let released = message.released else { return }
        if acquires {
            views[thread].join(released)
        } else if acquirable[thread] == nil {
            acquirable[thread] = released
        } else {
            acquirable[thread]?.join(released)
        }
    }

    mutating func fence(_ thread: Int, _ fence: ModelFence) {
        if fence != .release, let seen = acquirable[thread] { views[thread].join(seen) }
        if fence == .sequentiallyConsistent {
            if let serial { views[thread].join(serial) }
            serial = views[thread]
        }
        if fence != .acquire { fenced[thread] = views[thread] }
        tick(thread)
    }

    mutating func store(_ thread: Int, _ cell: Int, _ value: UInt64, releases: Bool) {
        append(thread, cell, value, releases: releases, inherited: nil)
        tick(thread)
    }

    mutating func modify(
        _ thread: Int,
        _ cell: Int,
        acquires: Bool,
        releases: Bool,
        _ change: (UInt64) -> UInt64?
    ) -> UInt64 {
        let last = cells[cell][newest(cell)]
        views[thread].raise(cell, to: newest(cell))
        see(thread, last, acquires: acquires)
        if let value = change(last.value) {
            append(thread, cell, value, releases: releases, inherited: last.released)
        }
        tick(thread)
        return last.value
    }

    private mutating func append(
        _ thread: Int,
        _ cell: Int,
        _ value: UInt64,
        releases: Bool,
        inherited: View?
    ) {
        let index = cells[cell].count
        views[thread].raise(cell, to: index)
        var released = releases ? views[thread] : fenced[thread]
        if let inherited {
            if released == nil { released = inherited } else { released?.join(inherited) }
        }
        cells[cell].append(Message(value: value, released: released))
    }

    /// Starts the next time of a thread, so that what it does after a release is not covered.
    private mutating func tick(_ thread: Int) {
        views[thread].clock[thread] += 1
    }

    mutating func raise(_ thread: Int, _ cell: Int, to message: Int) {
        views[thread].raise(cell, to: message)
    }

    /// Lets `thread` see all that `other` has done: a thread's start or its end.
    mutating func synchronize(_ thread: Int, with other: Int) {
        tick(other)
        let seen = views[other]
        views[thread].join(seen)
        tick(thread)
    }

    /// Records a slot's access; answers the access that races with it.
    mutating func access(_ thread: Int, slot: Int, writes isWrite: Bool) -> SlotStamp? {
        let clock = views[thread].clock
        var race: SlotStamp?
        if let last = writes[slot], last.time > clock[last.thread] { race = last }
        if isWrite {
            for other in clock.indices where reads[slot][other] > clock[other] {
                race = SlotStamp(thread: other, time: reads[slot][other])
            }
            writes[slot] = SlotStamp(thread: thread, time: clock[thread])
        } else {
            reads[slot][thread] = clock[thread]
        }
        return race
    }

    /// Records that a thread copies a slot that others may be writing.
    mutating func peek(_ thread: Int, slot: Int) {
        let clock = views[thread].clock
        let write = writes[slot]
        peeks[slot][thread] = Peek(
            time: clock[thread],
            write: write,
            isOrdered: write.map { $0.time <= clock[$0.thread] } ?? true
        )
    }

    /// Makes a read of a thread's last peek; answers the write that races with it.
    ///
    /// Right in any order of independent steps: a write that the peek did not see in order races
    /// whether it came before the peek or since.
    mutating func keep(_ thread: Int, slot: Int) -> SlotStamp? {
        guard let peek = peeks[slot][thread] else {
            preconditionFailure("thread \(thread) keeps what it has not copied")
        }
        guard peek.isOrdered, peek.write == writes[slot] else { return writes[slot] }
        reads[slot][thread] = peek.time
        return nil
    }
}
