import Foundation
import Messaging
import Testing

@testable import SubprocessDriver

/// What is made of the metadata that comes back.
struct ReceivedHeaderTests {
    private static let whole = [
        "gyre-run": "4711", "gyre-id": "0030200000000abc", "gyre-n": "17",
        "gyre-digest": "00000000000000ff", "gyre-due": "-5", "gyre-sent": "9",
        "gyre-producer": "3", "gyre-partition": "1", "gyre-attempt": "2", "gyre-copy": "1",
        "gyre-dead-letter-reason": "2", "gyre-dead-letter-attempts": "5", "other": "x",
    ]

    private func restore(_ headers: [String: String]) throws -> (EventHeader, Envelope) {
        var header = EventHeader()
        header.partition = 7
        header.due = Instant(nanoseconds: 100)
        header.sent = Instant(nanoseconds: 100)
        let read = try JSONDecoder().decode(
            GyreHeaders.self,
            from: JSONSerialization.data(withJSONObject: headers)
        )
        let envelope = read.restore(&header, run: 4711)
        return (header, envelope)
    }

    @Test("whole metadata restores every field")
    func wholeHeaders() throws {
        let (header, envelope) = try restore(Self.whole)
        #expect(envelope == .intact)
        #expect(header.id == EventID(producer: 3, epoch: 2, sequence: 0xABC))
        #expect(header.n == 17 && header.digest == 255 && header.run == 4711)
        #expect(header.due.nanoseconds == -5 && header.sent.nanoseconds == 9)
        #expect(header.producer == 3 && header.partition == 1)
        #expect(header.attempt == 2 && header.copy == 1)
        #expect(header.deadLetterReason == 2 && header.deadLetterAttempts == 5)
    }

    @Test(
        "what is missing or unreadable decides what the event is taken for",
        arguments: [
            ("gyre-run", "4712", .foreign), ("gyre-run", nil, .unrecognised),
            ("gyre-run", "x", .unrecognised), ("gyre-run", "-1", .unrecognised),
            ("gyre-id", nil, .unrecognised), ("gyre-id", "xyz", .unrecognised),
            ("gyre-n", nil, .unrecognised), ("gyre-n", "-1", .unrecognised),
            ("gyre-n", "1.0", .unrecognised), ("gyre-n", "", .unrecognised),
            ("gyre-producer", "65536", .unrecognised), ("gyre-producer", nil, .intact),
            ("gyre-partition", "one", .unrecognised), ("gyre-partition", nil, .intact),
            ("gyre-digest", nil, .intact), ("gyre-due", nil, .intact), ("gyre-sent", "?", .intact),
            ("gyre-attempt", nil, .intact), ("gyre-copy", nil, .intact),
        ] as [(String, String?, Envelope)]
    )
    func broken(name: String, value: String?, expected: Envelope) throws {
        var headers = Self.whole
        headers[name] = value
        let (header, envelope) = try restore(headers)
        #expect(envelope == expected)
        guard expected == .intact else { return }
        #expect(header.producer == 3)
        #expect(header.partition == (name == "gyre-partition" ? 7 : 1))
        #expect(header.digest == (name == "gyre-digest" ? 0 : 255))
        #expect(header.due.nanoseconds == (name == "gyre-due" ? 100 : -5))
        #expect(header.sent.nanoseconds == (name == "gyre-sent" ? 100 : 9))
        #expect(header.attempt == (name == "gyre-attempt" ? 1 : 2))
    }

    @Test(
        "a changed header breaks the seal",
        arguments: [
            (nil, "", .intact), ("gyre-due", "-6", .corrupted), ("gyre-sent", "8", .corrupted),
            ("gyre-n", "18", .corrupted), ("gyre-id", "0030200000000abd", .corrupted),
            ("gyre-digest", "00000000000000fe", .corrupted), ("gyre-producer", "4", .corrupted),
            ("gyre-partition", "2", .corrupted), ("gyre-attempt", "3", .corrupted),
            ("gyre-copy", "2", .corrupted), ("gyre-seal", "x", .corrupted),
            ("gyre-run", "4712", .unrecognised), ("gyre-dead-letter-reason", "1", .intact),
        ] as [(String?, String, Envelope)]
    )
    func seal(name: String?, value: String, expected: Envelope) throws {
        let (header, _) = try restore(Self.whole)
        var text = RequestText()
        text.raw("{")
        text.headers(header)
        text.close("}")
        var headers = try JSONDecoder().decode([String: String].self, from: Data(text.bytes))
        if let name { headers[name] = value }
        #expect(try restore(headers).1 == expected)
    }

    @Test("a key text that no pattern makes is a key of its own")
    func unknownKey() {
        var names = KeyNames()
        _ = names.number(of: "k-%d")
        #expect(names.restored(nil) == .none)
        #expect(names.restored("k-7") == EventKey(pattern: 0, index: 7))
        let strangers = ["k-07", "k-", "", "K-7", "k-7 "].map { names.restored($0) }
        #expect(strangers.allSatisfy { $0.rawValue >> 63 == 1 })
        #expect(Set(strangers).count == strangers.count)
        #expect(strangers.allSatisfy { names.name(of: $0) == nil })
    }
}

/// Bodies stay while they are needed, and not for ever.
struct ReceiptBookTests {
    private func keep(
        _ book: ReceiptBook,
        _ receipt: String,
        size: Int = 8,
        lease: Int64 = 50
    )
        -> (ticket: UInt64, payload: PayloadReference)
    {
        book.keep(
            receipt,
            body: Data(repeating: 7, count: size),
            leaseEnd: Instant(nanoseconds: lease)
        )
    }

    @Test("settled receipts are known for a while, so that a second answer can be sent")
    func settledAreKept() {
        let book = ReceiptBook()
        for number in 0...ReceiptBook.settledKept {
            let ticket = keep(book, "\(number)").ticket
            book.settle(ticket)
            book.settle(ticket)
        }
        #expect(book.receipt(of: 0) == "0")
        book.trim(at: .zero)
        #expect(book.receipt(of: 0) == nil)
        #expect(book.receipt(of: 1) == "1")
        #expect(book.receipt(of: UInt64(ReceiptBook.settledKept)) != nil)
        #expect(book.receipt(of: UInt64(ReceiptBook.settledKept) + 1) == nil)
        #expect(book.giveBack().isEmpty)
    }

    @Test("bodies under a lease stay until there are too many of them")
    func leasedStay() {
        let book = ReceiptBook()
        for number in 0..<ReceiptBook.mostTickets { _ = keep(book, "\(number)") }
        book.trim(at: Instant(nanoseconds: 50))
        #expect(book.receipt(of: 0) == "0")
        _ = keep(book, "one more")
        book.trim(at: Instant(nanoseconds: 50))
        #expect(book.receipt(of: 0) == nil && book.receipt(of: 1) == "1")
        book.extend(1, to: Instant(nanoseconds: 100))
        book.trim(at: Instant(nanoseconds: 51))
        #expect(book.receipt(of: 1) == "1")
        book.trim(at: Instant(nanoseconds: 101))
        #expect(book.giveBack().count == ReceiptBook.settledKept)
    }

    @Test("too many bytes of bodies make it full until leases end")
    func bytesAreBounded() {
        let book = ReceiptBook()
        for number in 0..<4 { _ = keep(book, "\(number)", size: ReceiptBook.mostBytes / 4) }
        book.trim(at: .zero)
        #expect(book.isFull)
        book.settle(2)
        #expect(!book.isFull)
        _ = keep(book, "4", size: ReceiptBook.mostBytes / 4)
        #expect(book.isFull)
        book.trim(at: Instant(nanoseconds: 51))
        #expect(!book.isFull && book.receipt(of: 0) == nil)
        #expect(book.giveBack() == ["1", "3", "4"])
    }
}
