import Messaging

@testable import HistoryChecks

let attemptsCases: [Case] = [
    Case(
        guarantee: .a21,
        note: "the same attempt twice",
        expected: .violated("attempt-repeated"),
        text: Told.sent + Told.first + "160 1 ok deliver n=0 off=0 att=1 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "an attempt that goes back",
        expected: .violated("attempt-repeated"),
        text: Told.sent + "20 1 ok deliver n=0 off=0 att=3 inv=10 flag=1 r=0\n"
            + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "an attempt that nobody received",
        expected: .violated("skipped-attempts"),
        text: Told.sent + Told.first + "160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "a first delivery that is called the second",
        expected: .violated("skipped-attempts"),
        text: Told.sent + "20 1 ok deliver n=0 off=0 att=2 flag=1 inv=10 r=0\n" + Told.drained
    ),
    Case(
        guarantee: .a21,
        note: "a member that leaves at the end swallowed nothing",
        expected: .violated("skipped-attempts"),
        text: Told.sent + Told.first + "160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155\n"
            + Told.drained + "9001 1 ok rebalance"
    ),
    Case(
        guarantee: .a21,
        note: "a member that left before may have swallowed an attempt",
        expected: .undecided,
        text: Told.sent + Told.first + "30 2 ok rebalance\n"
            + "160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155\n" + Told.drained
    ),
    Case(
        guarantee: .a21,
        note: "a member that leaves before rest may hold the attempt",
        expected: .undecided,
        text: Told.sent + Told.first + "160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155\n"
            + "170 1 ok rebalance"
    ),
    Case(
        guarantee: .a21,
        note: "counted from one only the second time",
        expected: .violated("attempt-repeated"),
        text: Told.sent + "20 1 ok deliver n=0 off=0 inv=10\n"
            + "160 1 ok deliver n=0 off=0 att=1 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "an attempt that counts from zero",
        expected: .violated("impossible-attempt"),
        text: Told.sent + "20 1 ok deliver n=0 off=0 att=\(Delivery.notACount) inv=10"
    ),
    Case(
        guarantee: .a21,
        note: "not counted the first time",
        expected: .valid,
        text: Told.sent + "20 1 ok deliver n=0 off=0 inv=10\n"
            + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "a crash may swallow an attempt",
        expected: .undecided,
        text: Told.sent + Told.first
            + "30 1 ok crash\n160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "a lost receive may swallow an attempt",
        expected: .undecided,
        text: Told.sent + Told.first
            + "30 1 info receive\n160 1 ok deliver n=0 off=0 att=3 flag=1 inv=155"
    ),
    Case(
        guarantee: .a21,
        note: "the second attempt fed before the first",
        expected: .valid,
        text: Told.sent + "160 2 ok deliver n=0 off=0 att=2 flag=1 inv=155 r=2\n" + Told.first
    ),
    Case(
        guarantee: .a21,
        note: "one by one",
        expected: .valid,
        text: Told.sent + Told.first + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155\n"
            + "360 1 ok deliver n=0 off=0 att=3 flag=1 inv=355"
    ),
    Case(
        guarantee: .a21,
        note: "more deliveries than the limit",
        expected: .violated("over-retry"),
        text: Told.sent + Told.first + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155\n"
            + "360 1 ok deliver n=0 off=0 att=3 flag=1 inv=355",
        maxDeliveries: 2
    ),
    Case(
        guarantee: .a21,
        note: "a dead letter too early",
        expected: .violated("early-dead-letter"),
        text: Told.sent + Told.first + "30 0 ok dead-letter n=0 att=1",
        maxDeliveries: 3
    ),
    Case(
        guarantee: .a21,
        note: "a dead letter in time",
        expected: .valid,
        text: Told.sent + Told.first + "30 0 ok dead-letter n=0 att=3",
        maxDeliveries: 3
    ),
    Case(
        guarantee: .a21,
        note: "delivered after it became a dead letter",
        expected: .violated("delivered-after-dead-letter"),
        text: Told.sent + Told.first + "30 0 ok dead-letter n=0 att=3\n"
            + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155",
        maxDeliveries: 3
    ),
    Case(
        guarantee: .a21,
        note: "acknowledged and a dead letter",
        expected: .violated("acked-and-dead-lettered"),
        text: Told.sent + Told.firstAcked + "40 0 ok dead-letter n=0 att=3"
    ),
    Case(
        guarantee: .a21,
        note: "the last attempt came to nothing and to no dead letter",
        expected: .violated("never-dead-lettered"),
        text: Told.sent + Told.first + Told.second + Told.drained,
        maxDeliveries: 1
    ),
    Case(
        guarantee: .a22,
        note: "a redelivery without the flag",
        expected: .violated("unflagged-redelivery"),
        text: Told.sent + Told.first + "160 1 ok deliver n=0 off=0 att=2 flag=0 inv=155"
    ),
    Case(
        guarantee: .a22,
        note: "a first delivery with the flag",
        expected: .valid,
        text: Told.sent + "20 1 ok deliver n=0 off=0 att=2 flag=1 inv=10"
    ),
    Case(
        guarantee: .a22,
        note: "another stored copy without the flag",
        expected: .valid,
        text: Told.sent + "5 9 invoke publish n=0\n" + Told.first
            + "160 1 ok deliver n=0 off=9 att=1 inv=155"
    ),
    Case(
        guarantee: .a23,
        note: "earlier than the asked delay",
        expected: .violated("early-retry"),
        text: Told.sent + Told.first + "21 1 invoke nack r=0 delay=50\n22 1 ok nack r=0\n"
            + "60 1 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a23,
        note: "just after the asked delay",
        expected: .valid,
        text: Told.sent + Told.first + "21 1 invoke nack r=0 delay=50\n22 1 ok nack r=0\n"
            + "71 1 ok deliver n=0 off=0 att=2 flag=1 inv=55"
    ),
    Case(
        guarantee: .a23,
        note: "a lost refusal: the lease ends earlier than the delay",
        expected: .valid,
        text: Told.sent + Told.first + "21 1 invoke nack r=0 delay=500\n22 1 info nack r=0\n"
            + "120 1 ok deliver n=0 off=0 att=2 flag=1 inv=115"
    ),
]
