import DequeModule
import Messaging

extension Wire {
    /// How long after the end of its output a program may take to be seen to end.
    private static let graceAfterSilence = Duration.milliseconds(200)

    /// Writes what the pipe takes.
    func flush() {
        var moved = 0
        var isStalled = false
        // SAFETY: the pointer does not leave the closure.
        unsafe text.bytes.withUnsafeBytes { bytes in
            while written + moved < bytes.count {
                // SAFETY: the slice lies within the text, which does not change meanwhile.
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[(written + moved)...])
                guard case .moved(let count) = unsafe child.write(rest) else {
                    isStalled = true
                    return
                }
                moved += count
            }
        }
        patience.noteWriting(isStalled: isStalled && moved == 0)
        written += moved
        while let next = unwritten.first, next.end <= written {
            unwritten.removeFirst()
            patience.expectReply(to: next.id)
        }
        dropWritten()
    }

    private func dropWritten() {
        guard written == text.bytes.count || written > Self.mostUnwritten else { return }
        text.bytes.removeFirst(written)
        for index in unwritten.indices { unwritten[index].end -= written }
        written = 0
    }

    /// Reads what is there and passes on whole lines.
    func drain(at now: Instant) throws(DriverFailure) {
        guard silentSince == nil else { return try judgeSilence() }
        var last = ChildProcess.Transfer.moved(scratch.count)
        while last == .moved(scratch.count) {
            // SAFETY: the pointer does not leave the closure.
            last = unsafe scratch.withUnsafeMutableBytes { scratch in
                // SAFETY: the scratch memory is writable, and read only as far as it was filled.
                let moved = unsafe child.read(into: scratch)
                if case .moved(let count) = moved {
                    unsafe arrived.append(UnsafeRawBufferPointer(rebasing: scratch[..<count]))
                }
                return moved
            }
            while let line = arrived.next() { try accept(line, at: now) }
            guard !arrived.isOverlong else {
                throw .violation("lines of at most \(arrived.limit) bytes", arrived.unfinished)
            }
        }
        guard last == .closed else { return }
        silentSince = .now
        try judgeSilence()
    }

    /// The broker has closed its output: says so once it is known how it ended.
    private func judgeSilence() throws(DriverFailure) {
        guard !isClosing else { return requests.removeAll() }
        if let ending = child.ending() {
            throw isOpen ? .brokerDied(ending.description) : Self.neverOpened(ending)
        }
        guard let silentSince, silentSince.duration(to: .now) > Self.graceAfterSilence else {
            return
        }
        throw .brokerDied("it closed its standard output but did not exit")
    }

    /// What a program that ended before it had answered `open` suffered from.
    private static func neverOpened(_ ending: ChildProcess.Ending) -> DriverFailure {
        // What shells and `env` exit with when they cannot find or run a program.
        if case .exited(let code) = ending, code == 126 || code == 127 {
            return .unavailable(
                what: "the broker program",
                remedy: "it could not be run (exit code \(code)); check the driver's command"
            )
        }
        return .brokerDied("\(ending) before it answered `open`")
    }

    /// Looks for a request that has waited for too long.
    func judgePatience() throws(DriverFailure) {
        let seconds = Int((patience.limit + 999_999_999) / 1_000_000_000)
        if let id = patience.overdue(isPending: { requests[$0] != nil }), let late = requests[id] {
            throw .unanswered(request: "\(late.verb) (id \(id))", seconds: seconds)
        }
        if patience.hasStalled, let next = unwritten.first, let late = requests[next.id] {
            throw .unanswered(request: "\(late.verb) (id \(next.id)), not read", seconds: seconds)
        }
    }
}

extension Wire.Request {
    /// The operation's name in the protocol.
    var verb: String {
        switch self {
        case .open: "open"
        case .publish: "publish"
        case .receive: "receive"
        case .settle(_, let request): "\(request.verb)"
        case .close: "close"
        }
    }
}
