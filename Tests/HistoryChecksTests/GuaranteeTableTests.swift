import Messaging
import Testing

@testable import HistoryChecks

/// One history and what it means for one guarantee.
struct Case: CustomTestStringConvertible, Sendable {
    var guarantee: Guarantee
    var note: String
    var expected: Expected
    var text: String
    var lease: Int64? = 100
    var maxDeliveries: Int?
    var accounts = BrokerAccounts()
    var isIdempotent = false
    var hidesOffsets = false
    var expectations = Expectations()

    var testDescription: String { "\(guarantee.id) \(note)" }

    var settings: HistorySettings {
        var capabilities: Capabilities = [.confirm, .nack, .redelivery, .deadLetter]
        if !hidesOffsets { capabilities.insert(.offsets) }
        if isIdempotent { capabilities.insert(.dedup) }
        var settings = HistorySettings(
            profile: PromiseProfile(
                capabilities: capabilities,
                deduplicationWindow: isIdempotent ? 1024 : 0
            )
        )
        settings.leaseNanoseconds = lease
        settings.maxDeliveries = maxDeliveries
        settings.accounts = accounts
        settings.expectations = expectations
        return settings
    }
}

/// Events 0 and 1 are sent and confirmed at offsets 0 and 1.
private let sent = """
    1 9 invoke publish n=0 k=1
    2 9 ok publish n=0 off=0
    3 9 invoke publish n=1 k=1
    4 9 ok publish n=1 off=1

    """

/// Event 0 alone is delivered by offset 0.
private let first = "20 1 ok deliver n=0 k=1 off=0 att=1 inv=10 r=0\n"

/// Event 1 is delivered and acknowledged.
private let second = """
    22 1 ok deliver n=1 k=1 off=1 att=1 inv=10 r=1
    23 1 invoke ack r=1
    24 1 ok ack r=1

    """
private let firstAcked = first + "21 1 invoke ack r=0\n30 1 ok ack r=0\n"
private let drained = "9000 0 ok drain\n"

private let integrity: [Case] = [
    Case(
        guarantee: .a1,
        note: "an event that nobody sent",
        expected: .violated("unexpected"),
        text: sent + first + "25 1 ok deliver n=7 off=7 inv=24 r=7"
    ),
    Case(
        guarantee: .a1,
        note: "an event between those that were sent",
        expected: .violated("unexpected"),
        text: sent + "5 9 invoke publish n=4\n6 9 ok publish n=4 off=4\n25 1 ok deliver n=3 off=3"
    ),
    Case(
        guarantee: .a1,
        note: "a lane that nobody wrote",
        expected: .violated("unexpected"),
        text: sent + first + "25 1 ok deliver p=3 n=0 off=9 inv=24 r=7"
    ),
    Case(
        guarantee: .a1,
        note: "no metadata of ours",
        expected: .violated("unexpected"),
        text: sent + first + "25 1 ok deliver n=0 env=2 inv=24 r=7"
    ),
    Case(
        guarantee: .a1,
        note: "another run's event is foreign",
        expected: .valid,
        text: sent + first + "25 1 ok deliver n=70 env=3 inv=24 r=7"
    ),
    Case(
        guarantee: .a1,
        note: "delivered before its send is recorded",
        expected: .valid,
        text: "5 1 ok deliver n=0 off=0 inv=4 r=0\n6 9 invoke publish n=0\n7 9 ok publish n=0"
    ),
    Case(
        guarantee: .a2,
        note: "other bytes than sent",
        expected: .violated("corrupted"),
        text: "1 9 invoke publish n=0 digest=5\n20 1 ok deliver n=0 off=0 digest=6"
    ),
    Case(
        guarantee: .a2,
        note: "a digest that the driver's client found wrong",
        expected: .violated("corrupted"),
        text: sent + "20 1 ok deliver n=0 off=0 env=1"
    ),
    Case(
        guarantee: .a2,
        note: "the bytes that crossed, not those that were meant",
        expected: .valid,
        text: "1 9 invoke publish n=0 digest=6\n20 1 ok deliver n=0 off=0 digest=6"
    ),
    Case(
        guarantee: .a3,
        note: "refused, yet delivered",
        expected: .violated("aborted-read"),
        text: "1 9 invoke publish n=0\n2 9 fail publish n=0\n20 1 ok deliver n=0 off=0"
    ),
    Case(
        guarantee: .a3,
        note: "refused after it was delivered",
        expected: .violated("aborted-read"),
        text: "1 9 invoke publish n=0\n20 1 ok deliver n=0 off=0\n22 9 fail publish n=0"
    ),
    Case(
        guarantee: .a3,
        note: "refused twice, yet delivered",
        expected: .violated("aborted-read"),
        text: """
            1 9 invoke publish n=0
            2 9 fail publish n=0
            3 9 invoke publish n=0
            4 9 fail publish n=0
            20 1 ok deliver n=0 off=0
            """
    ),
    Case(
        guarantee: .a3,
        note: "refused once, unknown once",
        expected: .valid,
        text: """
            1 9 invoke publish n=0
            2 9 fail publish n=0
            3 9 invoke publish n=0
            4 9 info publish n=0
            20 1 ok deliver n=0 off=0
            """
    ),
    Case(
        guarantee: .a14,
        note: "one offset, two events",
        expected: .violated("inconsistent-offsets"),
        text: sent + first + "25 1 ok deliver n=1 off=0 inv=24 r=1"
    ),
    Case(
        guarantee: .a38,
        note: "another partition than sent to",
        expected: .violated("misrouted"),
        text: sent + "20 1 ok deliver n=0 off=0 sent=0 part=3"
    ),
    Case(
        guarantee: .a38,
        note: "the same partition number as sent to",
        expected: .valid,
        text: "1 9 invoke publish n=0 sent=3\n20 1 ok deliver n=0 off=0 sent=3 part=3"
    ),
]

private let loss: [Case] = [
    Case(
        guarantee: .a4,
        note: "confirmed and never delivered",
        expected: .violated("lost"),
        text: sent + firstAcked + drained
    ),
    Case(
        guarantee: .a4,
        note: "not drained: nobody can say",
        expected: .unknown,
        text: sent + firstAcked
    ),
    Case(
        guarantee: .a4,
        note: "drained without coming to rest",
        expected: .unknown,
        text: sent + firstAcked + "9000 0 info drain"
    ),
    Case(guarantee: .a4, note: "nothing delivered", expected: .unknown, text: sent + drained),
    Case(
        guarantee: .a4,
        note: "unknown sends may be lost",
        expected: .valid,
        text: """
            1 9 invoke publish n=0
            2 9 ok publish n=0 off=0
            3 9 invoke publish n=1
            4 9 info publish n=1
            5 9 invoke publish n=2
            """ + "\n" + firstAcked + drained
    ),
    Case(
        guarantee: .a4,
        note: "a confirmation that came late counts",
        expected: .violated("lost"),
        text: """
            1 9 invoke publish n=0
            2 9 ok publish n=0 off=0
            3 9 invoke publish n=1
            4 9 info publish n=1
            5 9 ok publish n=1 off=1
            """ + "\n" + firstAcked + drained
    ),
    Case(
        guarantee: .a4,
        note: "a dead letter is not lost",
        expected: .valid,
        text: sent + firstAcked + "40 0 ok dead-letter n=1 att=3\n" + drained
    ),
    Case(
        guarantee: .a4,
        note: "declared drops are not lost",
        expected: .valid,
        text: sent + firstAcked + drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a4,
        note: "who asks for at-least-once has not agreed to drops",
        expected: .violated("lost"),
        text: sent + firstAcked + drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0),
        expectations: .demanding { $0.delivery = .atLeastOnce }
    ),
    Case(
        guarantee: .a4,
        note: "each group is owed everything",
        expected: .violated("lost"),
        text: sent + firstAcked + second + "40 2 ok deliver g=1 n=0 off=0 r=5\n" + drained
    ),
    Case(
        guarantee: .a29,
        note: "missing, neither queued nor declared",
        expected: .violated("silent-drop"),
        text: sent + firstAcked + drained,
        accounts: BrokerAccounts(declaredDrops: 0, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "declared, yet delivered",
        expected: .violated("silent-drop"),
        text: sent + firstAcked + second + drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "missing and declared",
        expected: .valid,
        text: sent + firstAcked + drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "an unknown send may be among the declared",
        expected: .valid,
        text: "1 9 invoke publish n=5\n2 9 info publish n=5\n" + sent + firstAcked + second
            + drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "a broker that says nothing",
        expected: .unknown,
        text: sent + firstAcked + drained
    ),
]

private let copies: [Case] = [
    Case(
        guarantee: .a6,
        note: "stored twice, sent once",
        expected: .violated("duplicate"),
        text: sent + first + second + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a6,
        note: "sent twice without de-duplication may be stored twice",
        expected: .valid,
        text: sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + first + second
            + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a6,
        note: "sent twice with de-duplication is stored once",
        expected: .violated("duplicate"),
        text: sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + first + second
            + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2",
        isIdempotent: true
    ),
    Case(
        guarantee: .a6,
        note: "a redelivery has the same offset",
        expected: .valid,
        text: sent + first + second + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155 r=2"
    ),
    Case(
        guarantee: .a6,
        note: "without offsets nobody can say",
        expected: .unknown,
        text: "1 9 invoke publish n=0\n20 1 ok deliver n=0\n160 1 ok deliver n=0",
        hidesOffsets: true
    ),
    Case(
        guarantee: .a26,
        note: "a repeat confirmed at another offset",
        expected: .violated("duplicate"),
        text: sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + first,
        isIdempotent: true
    ),
    Case(
        guarantee: .a26,
        note: "a repeat confirmed at the old offset",
        expected: .valid,
        text: sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=0\n" + first,
        isIdempotent: true
    ),
]

private let redelivery: [Case] = [
    Case(
        guarantee: .a5,
        note: "twice although acknowledged",
        expected: .violated("duplicate-delivery"),
        text: sent + firstAcked + "60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a5,
        note: "each stored copy once",
        expected: .valid,
        text: sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + firstAcked
            + "60 2 ok deliver n=0 off=2 att=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a5,
        note: "without offsets, more often than sent",
        expected: .violated("duplicate-delivery"),
        text: "1 9 invoke publish n=0\n20 1 ok deliver n=0 inv=10 r=0\n21 1 invoke ack r=0\n"
            + "30 1 ok ack r=0\n60 2 ok deliver n=0 inv=55 r=2 flag=1",
        hidesOffsets: true
    ),
    Case(
        guarantee: .a5,
        note: "without offsets, as often as sent",
        expected: .valid,
        text: "1 9 invoke publish n=0\n2 9 invoke publish n=0\n20 1 ok deliver n=0 inv=10 r=0\n"
            + "21 1 invoke ack r=0\n30 1 ok ack r=0\n60 2 ok deliver n=0 inv=55 r=2",
        hidesOffsets: true
    ),
    Case(
        guarantee: .a7,
        note: "acknowledged, then redelivered",
        expected: .violated("acked-then-redelivered"),
        text: sent + firstAcked + "300 2 ok deliver n=0 off=0 att=2 flag=1 inv=290 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "asked for before the acknowledgement was known",
        expected: .undecided,
        text: sent + firstAcked + "300 2 ok deliver n=0 off=0 att=2 flag=1 inv=29 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "an acknowledgement that failed to arrive",
        expected: .valid,
        text: sent + first
            + "21 1 invoke ack r=0\n30 1 info ack r=0\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=50"
    ),
    Case(
        guarantee: .a7,
        note: "refused as stale, then redelivered",
        expected: .valid,
        text: sent + first
            + "111 1 invoke ack r=0\n112 1 fail ack r=0\n"
            + "160 2 ok deliver n=0 off=0 att=2 flag=1 inv=150"
    ),
    Case(
        guarantee: .a7,
        note: "before the lease was over",
        expected: .violated("early-redelivery"),
        text: sent + first + "60 1 ok deliver n=0 off=0 att=2 flag=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "after the lease was over",
        expected: .valid,
        text: sent + first + "110 1 ok deliver n=0 off=0 att=2 flag=1 inv=105 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "after a refusal",
        expected: .valid,
        text: sent + first + "21 1 invoke nack r=0\n60 1 ok deliver n=0 off=0 att=2 flag=1 inv=21"
    ),
    Case(
        guarantee: .a7,
        note: "after a crash",
        expected: .valid,
        text: sent + first + "21 1 ok crash\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=22"
    ),
    Case(
        guarantee: .a7,
        note: "another member's crash is no reason",
        expected: .violated("early-redelivery"),
        text: sent + first + "21 7 ok crash\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=22"
    ),
    Case(
        guarantee: .a7,
        note: "fed by the wrong thread first",
        expected: .valid,
        text: sent + "115 2 ok deliver n=0 off=0 att=2 flag=1 inv=111 r=2\n" + first
    ),
    Case(
        guarantee: .a7,
        note: "without a declared lease",
        expected: .valid,
        text: sent + first + "60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55",
        lease: nil
    ),
    Case(
        guarantee: .a18,
        note: "two members hold it",
        expected: .violated("double-lease"),
        text: sent + first + "60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a18,
        note: "the lease began when it was asked for",
        expected: .valid,
        text: sent + first + "111 2 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a18,
        note: "an extension lengthens it",
        expected: .violated("double-lease"),
        text: sent + first
            + "50 1 invoke extend r=0 delay=200\n55 1 ok extend r=0\n"
            + "200 2 ok deliver n=0 off=0 att=2 flag=1 inv=195"
    ),
    Case(
        guarantee: .a18,
        note: "an extension that was refused does not",
        expected: .valid,
        text: sent + first
            + "50 1 invoke extend r=0 delay=200\n55 1 fail extend r=0\n"
            + "200 2 ok deliver n=0 off=0 att=2 flag=1 inv=195"
    ),
    Case(
        guarantee: .a18,
        note: "an acknowledgement on its way ends the certainty",
        expected: .valid,
        text: sent + first + "21 1 invoke ack r=0\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
]

private let liveness: [Case] = [
    Case(
        guarantee: .a20,
        note: "refused and never seen again",
        expected: .violated("stuck"),
        text: sent + first + "21 1 invoke nack r=0\n22 1 ok nack r=0\n" + second + drained
    ),
    Case(
        guarantee: .a20,
        note: "expired and never seen again",
        expected: .violated("stuck"),
        text: sent + first + second + drained
    ),
    Case(
        guarantee: .a20,
        note: "crashed and never seen again",
        expected: .violated("stuck"),
        text: sent + first + second + "25 1 ok crash\n" + drained
    ),
    Case(
        guarantee: .a20,
        note: "refused, and acknowledged the second time",
        expected: .valid,
        text: sent + first + "21 1 invoke nack r=0\n" + second
            + "60 1 ok deliver n=0 off=0 att=2 flag=1 inv=50 r=7\n61 1 invoke ack r=7\n"
            + "62 1 ok ack r=7\n" + drained
    ),
    Case(
        guarantee: .a20,
        note: "refused, and moved to the dead letters",
        expected: .valid,
        text: sent + first + "21 1 invoke nack r=0\n" + second + "60 0 ok dead-letter n=0 att=1\n"
            + drained
    ),
    Case(
        guarantee: .a20,
        note: "a refusal whose delay was not over at rest",
        expected: .valid,
        text: sent + first + "21 1 invoke nack r=0 delay=9999\n22 1 ok nack r=0\n" + second
            + drained
    ),
    Case(
        guarantee: .a20,
        note: "not drained",
        expected: .unknown,
        text: sent + first + "21 1 invoke nack r=0"
    ),
]

private let attempts: [Case] = [
    Case(
        guarantee: .a21,
        note: "the same attempt twice",
        expected: .violated("attempt-repeated"),
        text: sent + first + "160 1 ok deliver n=0 off=0 att=1 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "an attempt that goes back",
        expected: .violated("attempt-repeated"),
        text: sent + "20 1 ok deliver n=0 off=0 att=3 inv=10 flag=1 r=0\n"
            + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "an attempt that nobody received",
        expected: .violated("skipped-attempts"),
        text: sent + first + "160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "a crash may swallow an attempt",
        expected: .undecided,
        text: sent + first + "30 1 ok crash\n160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "a lost receive may swallow an attempt",
        expected: .undecided,
        text: sent + first + "30 1 info receive\n160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "the second attempt fed before the first",
        expected: .valid,
        text: sent + "160 2 ok deliver n=0 off=0 att=2 flag=1 inv=155 r=2\n" + first
    ),
    Case(
        guarantee: .a21,
        note: "one by one",
        expected: .valid,
        text: sent + first + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155\n"
            + "360 1 ok deliver n=0 off=0 att=3 flag=1 inv=355"
    ),
    Case(
        guarantee: .a21,
        note: "more deliveries than the limit",
        expected: .violated("over-retry"),
        text: sent + first + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155\n"
            + "360 1 ok deliver n=0 off=0 att=3 flag=1 inv=355",
        maxDeliveries: 2
    ),
    Case(
        guarantee: .a21,
        note: "a dead letter too early",
        expected: .violated("early-dead-letter"),
        text: sent + first + "30 0 ok dead-letter n=0 att=1",
        maxDeliveries: 3
    ),
    Case(
        guarantee: .a21,
        note: "a dead letter in time",
        expected: .valid,
        text: sent + first + "30 0 ok dead-letter n=0 att=3",
        maxDeliveries: 3
    ),
    Case(
        guarantee: .a21,
        note: "delivered after it became a dead letter",
        expected: .violated("delivered-after-dead-letter"),
        text: sent + first + "30 0 ok dead-letter n=0 att=3\n"
            + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155",
        maxDeliveries: 3
    ),
    Case(
        guarantee: .a21,
        note: "acknowledged and a dead letter",
        expected: .violated("acked-and-dead-lettered"),
        text: sent + firstAcked + "40 0 ok dead-letter n=0 att=3"
    ),
    Case(
        guarantee: .a21,
        note: "the last attempt came to nothing and to no dead letter",
        expected: .violated("never-dead-lettered"),
        text: sent + first + second + drained,
        maxDeliveries: 1
    ),
    Case(
        guarantee: .a22,
        note: "a redelivery without the flag",
        expected: .violated("unflagged-redelivery"),
        text: sent + first + "160 1 ok deliver n=0 off=0 att=2 flag=0 inv=155"
    ),
    Case(
        guarantee: .a22,
        note: "a first delivery with the flag",
        expected: .valid,
        text: sent + "20 1 ok deliver n=0 off=0 att=2 flag=1 inv=10"
    ),
    Case(
        guarantee: .a22,
        note: "another stored copy without the flag",
        expected: .valid,
        text: sent + "5 9 invoke publish n=0\n" + first + "160 1 ok deliver n=0 off=9 att=1 inv=155"
    ),
    Case(
        guarantee: .a23,
        note: "earlier than the asked delay",
        expected: .violated("early-retry"),
        text: sent + first + "21 1 invoke nack r=0 delay=50\n22 1 ok nack r=0\n"
            + "60 1 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a23,
        note: "just after the asked delay",
        expected: .valid,
        text: sent + first + "21 1 invoke nack r=0 delay=50\n22 1 ok nack r=0\n"
            + "71 1 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a23,
        note: "a lost refusal: the lease ends earlier than the delay",
        expected: .valid,
        text: sent + first + "21 1 invoke nack r=0 delay=500\n22 1 info nack r=0\n"
            + "120 1 ok deliver n=0 off=0 att=2 flag=1 inv=115"
    ),
]

private let order: [Case] = [
    Case(
        guarantee: .a11,
        note: "the later event of a key first",
        expected: .violated("reorder"),
        text: sent + "20 1 ok deliver n=1 k=1 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=0 inv=25"
    ),
    Case(
        guarantee: .a11,
        note: "the later event of another key first",
        expected: .valid,
        text: sent + "20 1 ok deliver n=1 k=2 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=0 inv=25"
    ),
    Case(
        guarantee: .a11,
        note: "the later event of another key first, where keys do not matter",
        expected: .violated("reorder"),
        text: sent + "20 1 ok deliver n=1 k=2 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=0 inv=25",
        expectations: .demanding { $0.ordering = .perProducer }
    ),
    Case(
        guarantee: .a11,
        note: "asked for while the other was on its way",
        expected: .undecided,
        text: sent + "20 1 ok deliver n=1 k=1 off=1 inv=10\n30 2 ok deliver n=0 k=1 off=0 inv=15"
    ),
    Case(
        guarantee: .a11,
        note: "a later event far ahead, and the nearer ones in time",
        expected: .violated("reorder"),
        text: """
            1 9 invoke publish n=0 count=9
            20 1 ok deliver n=8 k=1 off=8 inv=10
            30 1 ok deliver n=0 k=1 off=0 inv=25
            """
    ),
    Case(
        guarantee: .a11,
        note: "the earlier event crossed again after the later",
        expected: .valid,
        text: sent + "5 9 invoke publish n=0\n"
            + "20 1 ok deliver n=1 k=1 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=2 inv=25"
    ),
    Case(
        guarantee: .a11,
        note: "the earlier event crossed late",
        expected: .valid,
        text: """
            1 9 invoke publish n=1
            2 9 invoke publish n=0
            20 1 ok deliver n=1 k=1 off=0 inv=10
            30 1 ok deliver n=0 k=1 off=1 inv=25
            """
    ),
    Case(
        guarantee: .a11,
        note: "late ones keep the order in which they crossed",
        expected: .violated("reorder"),
        text: """
            1 9 invoke publish n=2
            2 9 invoke publish n=0
            3 9 invoke publish n=1
            20 1 ok deliver n=1 k=1 off=0 inv=10
            30 1 ok deliver n=0 k=1 off=1 inv=25
            """
    ),
    Case(
        guarantee: .a11,
        note: "order lost on redelivery is not seen by first deliveries",
        expected: .valid,
        text: sent + first + second + "160 1 ok deliver n=0 k=1 off=0 att=2 flag=1 inv=155"
    ),
    Case(
        guarantee: .a34,
        note: "effects of one key the other way round",
        expected: .violated("effect-reorder"),
        text: "20 1 ok apply n=1 k=1\n21 1 ok apply n=0 k=1"
    ),
    Case(
        guarantee: .a34,
        note: "effects of two keys the other way round",
        expected: .valid,
        text: "20 1 ok apply n=1 k=2\n21 1 ok apply n=0 k=1"
    ),
    Case(
        guarantee: .a34,
        note: "an old event takes effect again after a newer",
        expected: .violated("effect-reorder"),
        text: "20 1 ok apply n=0 k=1\n21 1 ok apply n=1 k=1\n22 1 ok apply n=0 k=1"
    ),
    Case(
        guarantee: .a34,
        note: "and the newer again after it",
        expected: .valid,
        text: "20 1 ok apply n=0 k=1\n21 1 ok apply n=1 k=1\n22 1 ok apply n=0 k=1\n"
            + "23 1 ok apply n=1 k=1"
    ),
]

private let sends = """
    1 9 invoke send n=0 k=1
    2 9 ok send n=0
    3 9 invoke send n=1 k=1
    4 9 ok send n=1

    """

private let effects: [Case] = [
    Case(
        guarantee: .a8,
        note: "applied twice",
        expected: .violated("double-apply"),
        text: sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n" + drained
    ),
    Case(
        guarantee: .a8,
        note: "applied twice before anybody drained",
        expected: .violated("double-apply"),
        text: sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n"
    ),
    Case(
        guarantee: .a8,
        note: "applied twice where once or more is enough",
        expected: .valid,
        text: sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n" + drained,
        expectations: .demanding { $0.effect = .atLeastOnce }
    ),
    Case(
        guarantee: .a8,
        note: "never applied",
        expected: .violated("missed-apply"),
        text: sends + "20 1 ok apply n=0\n" + drained
    ),
    Case(
        guarantee: .a8,
        note: "never applied where once at most is asked",
        expected: .valid,
        text: sends + "20 1 ok apply n=0\n" + drained,
        expectations: .demanding { $0.effect = .atMostOnce }
    ),
    Case(
        guarantee: .a8,
        note: "not drained",
        expected: .unknown,
        text: sends + "20 1 ok apply n=0"
    ),
    Case(
        guarantee: .a8,
        note: "given up",
        expected: .violated("missed-apply"),
        text: sends + "20 1 ok apply n=0\n21 1 fail settle n=1\n" + drained
    ),
    Case(
        guarantee: .a8,
        note: "moved to the dead letters",
        expected: .valid,
        text: sends + "20 1 ok apply n=0\n21 1 ok dead-letter n=1 P=1\n" + drained
    ),
    Case(
        guarantee: .a8,
        note: "unknown sends may be applied or not",
        expected: .valid,
        text: "1 9 invoke send n=0\n2 9 info send n=0\n3 9 invoke send n=1\n4 9 info send n=1\n"
            + "20 1 ok apply n=0\n" + drained
    ),
    Case(
        guarantee: .a8,
        note: "refused, yet applied",
        expected: .violated("refused-apply"),
        text: sends + "5 9 invoke send n=2\n6 9 fail send n=2\n20 1 ok apply n=0\n"
            + "21 1 ok apply n=1\n22 1 ok apply n=2\n" + drained
    ),
    Case(
        guarantee: .a8,
        note: "each once",
        expected: .valid,
        text: sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n" + drained
    ),
    Case(
        guarantee: .a9,
        note: "a state that counts an event twice",
        expected: .violated("state-mismatch"),
        text: sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n" + drained
    ),
    Case(
        guarantee: .a9,
        note: "a state of distinct events, in any order",
        expected: .valid,
        text: sends + "20 1 ok apply n=1\n21 1 ok apply n=0\n" + drained
    ),
    Case(
        guarantee: .unresolved,
        note: "one fate too many unknown",
        expected: .violated("unresolved"),
        text: sends + "5 9 invoke send n=2\n6 9 info send n=2\n",
        expectations: .demanding { $0.unresolved = 0 }
    ),
    Case(
        guarantee: .unresolved,
        note: "resolved late",
        expected: .valid,
        text: sends + "5 9 invoke send n=2\n6 9 info send n=2\n7 9 ok send n=2",
        expectations: .demanding { $0.unresolved = 0 }
    ),
]

extension Expectations {
    static func demanding(_ change: (inout Expectations) -> Void) -> Expectations {
        var expectations = Expectations()
        change(&expectations)
        return expectations
    }
}

@Suite struct GuaranteeTableTests {
    @Test(
        "a history means for a guarantee what the table says",
        arguments: integrity + loss + copies + redelivery + liveness + attempts + order + effects
    )
    func table(_ example: Case) throws {
        try check(
            example.guarantee,
            example.text,
            example.settings,
            expecting: example.expected,
            example.note
        )
    }
}
