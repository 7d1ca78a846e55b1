import Histories
import Testing

@testable import HistoryChecks

/// The stores that make records cheap, against plain dictionaries.
@Suite struct HistoryStoresTests {
    private struct Receipt: Hashable {
        var group: UInt16
        var number: UInt64
    }

    @Test("receipts are found and forgotten as in a dictionary", arguments: [1, 1 << 16, 1 << 40])
    func receipts(_ stride: UInt64) {
        var table = ReceiptTable()
        var model: [Receipt: UInt64] = [:]
        var draw: UInt64 = stride
        for step in 0..<60_000 as Range<UInt64> {
            draw = draw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let group = UInt16(draw >> 60 & 1)
            // A window of open receipts that moves on, sometimes far apart, sometimes dense.
            let receipt = (step / 2 &+ draw >> 33 % 200) &* stride
            let known = Receipt(group: group, number: receipt)
            let found = table[group, receipt]
            #expect(found?.ordinal == model[known], "step \(step)")
            if draw >> 40 & 3 == 0 {
                table.remove(group, receipt)
                model[known] = nil
            } else {
                let place = ReceiptTable.Place(ledger: 3, ordinal: step)
                let isNoted = table.insert(group, receipt, place)
                #expect(isNoted)
                model[known] = step
            }
        }
        for (receipt, ordinal) in model {
            #expect(table[receipt.group, receipt.number]?.ordinal == ordinal)
        }
    }

    @Test("receipts beyond the bound are refused, and taken again once others are answered")
    func receiptBound() {
        let limit: UInt64 = 1000
        var table = ReceiptTable(limit: Int(limit))
        let place = ReceiptTable.Place(ledger: 0, ordinal: 0)
        for receipt in 0..<limit where !table.insert(0, receipt, place) {
            Issue.record("receipt \(receipt) was refused")
        }
        let isBeyond = table.insert(0, limit, place)
        let isAgain = table.insert(0, 7, place)
        table.remove(0, 8)
        let isAfterAnswer = table.insert(0, limit, place)
        #expect([isBeyond, isAgain, isAfterAnswer] == [false, true, true])
        #expect(table[0, 8] == nil)
    }

    private func lane(_ producer: UInt16) -> LaneID {
        LaneID(producer: producer, topic: 0, partition: 0)
    }

    @Test("digests are kept up to the bound, from then on the latest of each lane")
    func digests() {
        let limit: UInt64 = 1 << 13
        var digests = SentDigests(limit: Int(limit))
        let count = limit * 2
        for n in 0..<count {
            digests.insert(n + 1, lane: lane(0), n: n)
            if n < 1000 { digests.insert(n + 7, lane: lane(1), n: n ^ 1) }
            if n == limit / 4 {
                #expect(digests.find(lane: lane(0), n: 0) == 1)
            }
        }
        #expect(digests.find(lane: lane(0), n: 0) == 0)
        #expect(digests.find(lane: lane(0), n: count) == 0)
        for n in count - 1000..<count where digests.find(lane: lane(0), n: n) != n + 1 {
            Issue.record("the digest of \(n) is gone")
        }
        for n in 0..<1000 as Range<UInt64> {
            #expect(digests.find(lane: lane(1), n: n ^ 1) == n + 7)
        }
    }

    @Test("numbers far apart take no more room than the bound, and leave nothing stale")
    func distantDigests() {
        let limit: UInt64 = 1 << 12
        var digests = SentDigests(limit: Int(limit))
        let far = [3, 50_000, 1 << 40, 1 << 62, 1 << 62 + 1] as [UInt64]
        for n in far {
            digests.insert(n, lane: lane(0), n: n)
            #expect(digests.find(lane: lane(0), n: n) == n)
            #expect(digests.find(lane: lane(0), n: n - 2) == 0)
            #expect(digests.find(lane: lane(0), n: n + limit) == 0)
        }
        digests.insert(9, lane: lane(0), n: 3)
        #expect(digests.find(lane: lane(0), n: 3) == 0)
        #expect(digests.find(lane: lane(0), n: 1 << 62) == 1 << 62)
    }
}
