import Foundation
import Messaging
import Testing

@testable import SubprocessDriver

/// What goes down the pipe, byte for byte: programs in other languages depend on it.
struct RequestFormatTests {
    private func text(_ write: (inout RequestText) -> Void) -> String {
        var request = RequestText()
        write(&request)
        return String(decoding: request.bytes, as: UTF8.self)
    }

    private var plan: SessionPlan {
        var plan = ShellBroker.plan
        var names = KeyNames()
        _ = names.number(of: "a\"\\\u{7}/é-%d")
        plan.keyNames = names
        return plan
    }

    private func event(_ body: [UInt8], key: EventKey) -> OutboundEvent {
        var header = EventHeader()
        header.id = EventID(producer: 3, epoch: 2, sequence: 0xABC)
        header.n = 17
        header.key = key
        header.digest = .max
        header.due = Instant(nanoseconds: -5)
        header.sent = Instant(nanoseconds: 9)
        header.run = 4711
        header.producer = 3
        header.partition = 1
        header.attempt = 2
        // SAFETY: leaked for the rest of the process.
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: body.count, alignment: 1)
        unsafe copy.copyBytes(from: body)
        let payload = unsafe PayloadReference(UnsafeRawBufferPointer(copy))
        return OutboundEvent(header: header, payload: payload, topic: 0)
    }

    @Test("an event carries key, headers, sequence and Base64")
    func publish() {
        var event = event([0xFB, 0xFF, 0x00, 0x41], key: EventKey(pattern: 0, index: 5))
        let headers =
            #""headers":{"gyre-run":"4711","gyre-id":"0030200000000abc","gyre-n":"17","#
            + #""gyre-digest":"ffffffffffffffff","gyre-due":"-5","gyre-sent":"9","#
            + #""gyre-producer":"3","gyre-partition":"1","gyre-attempt":"2","#
            + #""gyre-seal":"09fae423d1946426"},"payload":"+/8AQQ==""#
        let key = #""key":"a\"\\\u0007/é-5","#
        #expect(
            text { $0.publish(event, plan: plan) }
                == #""op":"publish","topic":"t","partition":1,"# + key + headers
        )
        event.isIdempotent = true
        #expect(
            text { $0.publish(event, plan: plan) }
                == #""op":"publish","topic":"t","partition":1,"# + key
                + #""producer":3,"epoch":2,"sequence":17,"# + headers
        )
    }

    @Test("copies and dead letters carry what they add")
    func deadLetter() {
        var event = event([], key: .none)
        event.header.copy = 1
        event.header.deadLetterReason = 2
        event.header.deadLetterAttempts = 5
        let request = text { $0.publish(event, plan: plan) }
        let added =
            #""gyre-copy":"1","gyre-seal":"2b053e21c3f4fff2","#
            + #""gyre-dead-letter-reason":"2","gyre-dead-letter-attempts":"5"},"#
        #expect(request.hasSuffix(added + #""payload":"""#))
        #expect(!request.contains("\"key\""))
    }

    @Test("Base64 agrees with Foundation's", arguments: 0...9)
    func base64(size: Int) {
        let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ 250) }
        // SAFETY: the pointer does not leave the closure.
        let encoded = text { request in
            unsafe body.withUnsafeBytes { unsafe request.base64($0) }
        }
        #expect(encoded == Data(body).base64EncodedString())
    }

    @Test("open names topics, groups and settings, the user's above the plan's")
    func open() throws {
        var plan = plan
        plan.groups[0].leaseNanoseconds = 200_000_001
        plan.groups[0].maxDeliveries = 7
        let request = text {
            $0.open(plan, config: ["b": true, "n": 1.5, "s": "x\"y", "z": -3])
        }
        #expect(
            request
                == #""op":"open","version":1,"topics":[{"name":"t","partitions":2}],"#
                + #""groups":["g"],"config":{"lease_ms":201,"groups":{"g":{"topic":"t","#
                + #""lease_ms":201,"members":1,"prefetch":256,"order":"block-key","#
                + #""max_deliveries":7,"start":"earliest"}},"topics":{"t":{"capacity":4096,"#
                + #""overflow":"block"}},"b":true,"n":1.5,"s":"x\"y","z":-3}"#
        )
        let own = text { $0.open(plan, config: ["lease_ms": 5, "groups": "none", "topics": 0]) }
        #expect(own.hasSuffix(#""config":{"groups":"none","lease_ms":5,"topics":0}"#))
    }

    @Test("answers name their receipts, and times are rounded up")
    func settle() {
        let member = MemberName(group: "g", topic: "t", number: 2)
        var request = SettleRequest(kind: .ack, milliseconds: 0, first: 0)
        request.receipts = ["r\"1", "r2"]
        let receipts = #""receipts":["r\"1","r2"]"#
        let consumer = #""group":"g","consumer":2,"#
        #expect(
            text { $0.settle(request, of: member) } == #""op":"ack","# + consumer + receipts
        )
        request.kind = .nack
        request.milliseconds = milliseconds(1)
        #expect(
            text { $0.settle(request, of: member) }
                == #""op":"nack","# + consumer + #""delay_ms":1,"# + receipts
        )
        request.kind = .extend
        request.milliseconds = milliseconds(2_000_000)
        #expect(
            text { $0.settle(request, of: member) }
                == #""op":"extend","# + consumer + #""by_ms":2,"# + receipts
        )
        request.kind = .deadLetter
        #expect(
            text { $0.settle(request, of: member) } == #""op":"dead-letter","# + consumer
                + #""reason":"given up by the consumer","# + receipts
        )
        request.kind = .commit
        request.partition = 1
        request.offset = 40
        #expect(
            text { $0.settle(request, of: member) } == #""op":"commit","# + consumer
                + #""topic":"t","partition":1,"offset":40"#
        )
        #expect(
            text { $0.receive(member, limit: 9, waitMilliseconds: 0) } == #""op":"receive","#
                + consumer + #""topic":"t","max":9,"wait_ms":0"#
        )
    }
}
