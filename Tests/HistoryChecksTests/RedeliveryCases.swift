import Messaging

@testable import HistoryChecks

/// Event 0 goes to member 1, whose lease ends, and then to member 2.
private let replaced =
    Told.sent + Told.first + "130 2 ok deliver n=0 k=1 off=0 att=2 flag=1 inv=125 r=2\n"

let redeliveryCases: [Case] = [
    Case(
        guarantee: .a33,
        note: "a late answer is taken, and the live lease refused",
        expected: .violated("stale-settlement"),
        text: replaced + "140 1 invoke ack r=0\n142 1 ok ack r=0\n150 2 invoke ack r=2\n"
            + "152 2 fail ack r=2\n"
    ),
    Case(
        guarantee: .a33,
        note: "a late answer is taken, and the event never comes again",
        expected: .violated("stale-settlement"),
        text: replaced + "140 1 invoke ack r=0\n142 1 ok ack r=0\n" + Told.second + Told.drained
    ),
    Case(
        guarantee: .a33,
        note: "a late answer is called taken, but passed over",
        expected: .valid,
        text: replaced + "140 1 invoke ack r=0\n142 1 ok ack r=0\n150 2 invoke ack r=2\n"
            + "152 2 ok ack r=2\n" + Told.second + Told.drained
    ),
    Case(
        guarantee: .a33,
        note: "likewise, and the event comes again",
        expected: .valid,
        text: replaced + "140 1 invoke ack r=0\n142 1 ok ack r=0\n"
            + "250 1 ok deliver n=0 k=1 off=0 att=3 flag=1 inv=245 r=3\n" + Told.drained
    ),
    Case(
        guarantee: .a33,
        note: "a late answer is refused",
        expected: .valid,
        text: replaced + "140 1 invoke ack r=0\n142 1 fail ack r=0\n" + Told.drained
    ),
    Case(
        guarantee: .a33,
        note: "the later lease was over as well when it was refused",
        expected: .valid,
        text: replaced + "140 1 invoke ack r=0\n142 1 ok ack r=0\n250 2 invoke ack r=2\n"
            + "252 2 fail ack r=2\n"
    ),
    Case(
        guarantee: .a33,
        note: "likewise, and the event never comes again",
        expected: .violated("stale-settlement"),
        text: replaced + "140 1 invoke ack r=0\n142 1 ok ack r=0\n250 2 invoke ack r=2\n"
            + "252 2 fail ack r=2\n" + Told.second + Told.drained
    ),
    Case(
        guarantee: .a33,
        note: "given to the other only while the late answer was on its way",
        expected: .valid,
        text: Told.sent + Told.first + "124 1 invoke ack r=0\n"
            + "130 2 ok deliver n=0 k=1 off=0 att=2 flag=1 inv=125 r=2\n132 1 ok ack r=0\n"
            + "150 2 invoke ack r=2\n152 2 fail ack r=2\n"
    ),
    Case(
        guarantee: .a5,
        note: "twice although acknowledged",
        expected: .violated("duplicate-delivery"),
        text: Told.sent + Told.firstAcked + "60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a5,
        note: "each stored copy once",
        expected: .valid,
        text: Told.sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + Told.firstAcked
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
        guarantee: .a5,
        note: "two stored copies of one crossing, where once at most is asked",
        expected: .violated("duplicate-delivery"),
        text: Told.sent + Told.firstAcked + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2",
        expectations: .demanding { $0.delivery = .atMostOnce }
    ),
    Case(
        guarantee: .a5,
        note: "twice in one reply of a broker that declares no redelivery",
        expected: .violated("duplicate-delivery"),
        text: Told.sent + Told.first + "20 1 ok deliver n=0 off=0 inv=10 r=2",
        lease: nil,
        hidesRedelivery: true
    ),
    Case(
        guarantee: .a5,
        note: "again, much later, by a broker that declares no redelivery",
        expected: .violated("duplicate-delivery"),
        text: Told.sent + Told.first + "960 1 ok deliver n=0 off=0 inv=955 r=2",
        lease: nil,
        hidesRedelivery: true
    ),
    Case(
        guarantee: .a5,
        note: "again by a broker that declares no redelivery, after a crash",
        expected: .valid,
        text: Told.sent + Told.first + "21 1 ok crash\n60 2 ok deliver n=0 off=0 inv=55 r=2",
        lease: nil,
        hidesRedelivery: true
    ),
    Case(
        guarantee: .a7,
        note: "acknowledged, then redelivered",
        expected: .violated("acked-then-redelivered"),
        text: Told.sent + Told.firstAcked + "300 2 ok deliver n=0 off=0 att=2 flag=1 inv=290 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "asked for before the acknowledgement was known",
        expected: .undecided,
        text: Told.sent + Told.firstAcked + "300 2 ok deliver n=0 off=0 att=2 flag=1 inv=29 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "an acknowledgement that failed to arrive",
        expected: .valid,
        text: Told.sent + Told.first
            + "21 1 invoke ack r=0\n30 1 info ack r=0\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=50"
    ),
    Case(
        guarantee: .a7,
        note: "refused as stale, then redelivered",
        expected: .valid,
        text: Told.sent + Told.first
            + "111 1 invoke ack r=0\n112 1 fail ack r=0\n"
            + "160 2 ok deliver n=0 off=0 att=2 flag=1 inv=150"
    ),
    Case(
        guarantee: .a7,
        note: "before the lease was over",
        expected: .violated("early-redelivery"),
        text: Told.sent + Told.first + "60 1 ok deliver n=0 off=0 att=2 flag=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "after the lease was over",
        expected: .valid,
        text: Told.sent + Told.first + "110 1 ok deliver n=0 off=0 att=2 flag=1 inv=105 r=2"
    ),
    Case(
        guarantee: .a7,
        note: "after a refusal",
        expected: .valid,
        text: Told.sent + Told.first
            + "21 1 invoke nack r=0\n60 1 ok deliver n=0 off=0 att=2 flag=1 inv=21"
    ),
    Case(
        guarantee: .a7,
        note: "after a crash",
        expected: .valid,
        text: Told.sent + Told.first
            + "21 1 ok crash\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=22"
    ),
    Case(
        guarantee: .a7,
        note: "another member's crash is no reason",
        expected: .violated("early-redelivery"),
        text: Told.sent + Told.first
            + "21 7 ok crash\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=22"
    ),
    Case(
        guarantee: .a7,
        note: "fed by the wrong thread first",
        expected: .valid,
        text: Told.sent + "115 2 ok deliver n=0 off=0 att=2 flag=1 inv=111 r=2\n" + Told.first
    ),
    Case(
        guarantee: .a7,
        note: "without a declared lease",
        expected: .valid,
        text: Told.sent + Told.first + "60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55",
        lease: nil
    ),
    Case(
        guarantee: .a18,
        note: "two members hold it",
        expected: .violated("double-lease"),
        text: Told.sent + Told.first + "60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a18,
        note: "the lease began when it was asked for",
        expected: .valid,
        text: Told.sent + Told.first + "111 2 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a18,
        note: "an extension lengthens it",
        expected: .violated("double-lease"),
        text: Told.sent + Told.first
            + "50 1 invoke extend r=0 delay=200\n55 1 ok extend r=0\n"
            + "200 2 ok deliver n=0 off=0 att=2 flag=1 inv=195"
    ),
    Case(
        guarantee: .a18,
        note: "an extension that was refused does not",
        expected: .valid,
        text: Told.sent + Told.first
            + "50 1 invoke extend r=0 delay=200\n55 1 fail extend r=0\n"
            + "200 2 ok deliver n=0 off=0 att=2 flag=1 inv=195"
    ),
    Case(
        guarantee: .a18,
        note: "an acknowledgement on its way ends the certainty",
        expected: .valid,
        text: Told.sent + Told.first
            + "21 1 invoke ack r=0\n60 2 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
]

let livenessCases: [Case] = [
    Case(
        guarantee: .a20,
        note: "refused and never seen again",
        expected: .violated("stuck"),
        text: Told.sent + Told.first + "21 1 invoke nack r=0\n22 1 ok nack r=0\n" + Told.second
            + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "expired and never seen again",
        expected: .violated("stuck"),
        text: Told.sent + Told.first + Told.second + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "crashed and never seen again",
        expected: .violated("stuck"),
        text: Told.sent + Told.first + Told.second + "25 1 ok crash\n" + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "expired, never seen again, and left at the end",
        expected: .violated("stuck"),
        text: Told.sent + Told.first + Told.second + Told.drained + "9001 1 ok rebalance"
    ),
    Case(
        guarantee: .a20,
        note: "not yet expired when its member left at the end",
        expected: .valid,
        text: Told.sent + Told.first + Told.second + Told.drained + "9001 1 ok rebalance",
        lease: 9500
    ),
    Case(
        guarantee: .a20,
        note: "an acknowledgement on its way when its member crashed",
        expected: .valid,
        text: Told.sent + Told.first + Told.second
            + "25 1 invoke ack r=0\n26 1 ok crash\n27 1 info ack r=0\n" + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "an acknowledgement that was refused after its member had crashed",
        expected: .violated("stuck"),
        text: Told.sent + Told.first + Told.second
            + "125 1 invoke ack r=0\n126 1 ok crash\n127 1 fail ack r=0\n" + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "refused, and acknowledged the second time",
        expected: .valid,
        text: Told.sent + Told.first + "21 1 invoke nack r=0\n" + Told.second
            + "60 1 ok deliver n=0 off=0 att=2 flag=1 inv=50 r=7\n61 1 invoke ack r=7\n"
            + "62 1 ok ack r=7\n" + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "refused, and moved to the dead letters",
        expected: .valid,
        text: Told.sent + Told.first + "21 1 invoke nack r=0\n" + Told.second
            + "60 0 ok dead-letter n=0 att=1\n"
            + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "a refusal whose delay was not over at rest",
        expected: .valid,
        text: Told.sent + Told.first + "21 1 invoke nack r=0 delay=9999\n22 1 ok nack r=0\n"
            + Told.second
            + Told.drained
    ),
    Case(
        guarantee: .a20,
        note: "not drained",
        expected: .unknown,
        text: Told.sent + Told.first + "21 1 invoke nack r=0"
    ),
]
