import DequeModule
import FoundationEssentials
import Messaging

/// What one consumer end knows of the deliveries that it has handed out: the broker's receipts
/// and the bodies, under ticket numbers.
///
/// A body is kept until its delivery is settled. Receipts are kept a little longer, so that a
/// second answer still reaches the broker. Bounds: `mostTickets` deliveries, beyond which the
/// oldest is forgotten even if it is unsettled (a consumer that never answers must not grow
/// without end), and `mostBytes` of bodies, at which `isFull` until leases end or answers come.
final class ReceiptBook {
    /// Twice what a fault rule holds back by default, so that a body in use is never forgotten.
    static let mostTickets = 1 << 17
    /// Bodies beyond this are not asked for.
    static let mostBytes = 256 << 20
    /// Settled deliveries whose receipts are still known.
    static let settledKept = 4096

    @safe
    private struct Entry {
        var receipt: String
        var body: UnsafeMutableRawBufferPointer
        var leaseEnd: Instant
        var isSettled = false
    }

    private var entries = Deque<Entry>()
    private var firstTicket: UInt64 = 0
    private var bodyBytes = 0

    deinit {
        // SAFETY: each body was allocated here, and is freed once.
        for entry in entries { unsafe entry.body.deallocate() }
    }

    /// Whether there are more bodies than the bound allows.
    var isFull: Bool { bodyBytes >= Self.mostBytes }

    /// Keeps a delivery's receipt and body; the body stays put until the delivery is settled.
    func keep(
        _ receipt: String,
        body: Data,
        leaseEnd: Instant
    )
        -> (ticket: UInt64, payload: PayloadReference)
    {
        let ticket = firstTicket + UInt64(entries.count)
        // SAFETY: room for exactly the bytes that are copied into it.
        let copy = UnsafeMutableRawBufferPointer.allocate(
            byteCount: body.count,
            alignment: 16
        )
        unsafe body.withUnsafeBytes { unsafe copy.copyMemory(from: $0) }
        // SAFETY: the entry owns the copy until `release` frees it.
        unsafe entries.append(Entry(receipt: receipt, body: copy, leaseEnd: leaseEnd))
        bodyBytes += body.count
        // SAFETY: freed only by `release`, which the type's comment times.
        return (ticket, unsafe PayloadReference(UnsafeRawBufferPointer(copy)))
    }

    /// The broker's receipt for a ticket, or `nil` if it is unknown or forgotten.
    func receipt(of ticket: UInt64) -> String? {
        guard let index = index(of: ticket) else { return nil }
        return entries[index].receipt
    }

    /// Notes that the delivery's lease ends at another time.
    func extend(_ ticket: UInt64, to leaseEnd: Instant) {
        guard let index = index(of: ticket) else { return }
        entries[index].leaseEnd = leaseEnd
    }

    /// Notes that the delivery has been answered, and frees its body.
    func settle(_ ticket: UInt64) {
        guard let index = index(of: ticket) else { return }
        entries[index].isSettled = true
        release(index)
    }

    /// Forgets what may be forgotten by now.
    func trim(at now: Instant) {
        while let oldest = entries.first {
            let isOver = oldest.isSettled || oldest.leaseEnd < now
            let mayGo = entries.count > Self.settledKept || bodyBytes >= Self.mostBytes
            guard (isOver && mayGo) || entries.count > Self.mostTickets else { return }
            release(0)
            entries.removeFirst()
            firstTicket += 1
        }
    }

    /// The receipts that have not been answered, oldest first; marks them answered.
    func giveBack() -> [String] {
        var receipts: [String] = []
        for index in entries.indices where !entries[index].isSettled {
            receipts.append(entries[index].receipt)
            entries[index].isSettled = true
        }
        return receipts
    }

    private func release(_ index: Int) {
        // SAFETY: allocated by `keep`; emptied here, so that it is freed once.
        unsafe bodyBytes -= entries[index].body.count
        unsafe entries[index].body.deallocate()
        unsafe entries[index].body = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    }

    private func index(of ticket: UInt64) -> Int? {
        let (distance, below) = ticket.subtractingReportingOverflow(firstTicket)
        guard !below, distance < UInt64(entries.count) else { return nil }
        return Int(distance)
    }
}
