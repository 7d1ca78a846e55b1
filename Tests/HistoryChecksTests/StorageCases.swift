import Messaging

@testable import HistoryChecks

let integrityCases: [Case] = [
    Case(
        guarantee: .a1,
        note: "an event that nobody sent",
        expected: .violated("unexpected"),
        text: Told.sent + Told.first + "25 1 ok deliver n=7 off=7 inv=24 r=7"
    ),
    Case(
        guarantee: .a1,
        note: "an event between those that were sent",
        expected: .violated("unexpected"),
        text: Told.sent
            + "5 9 invoke publish n=4\n6 9 ok publish n=4 off=4\n25 1 ok deliver n=3 off=3"
    ),
    Case(
        guarantee: .a1,
        note: "a lane that nobody wrote",
        expected: .violated("unexpected"),
        text: Told.sent + Told.first + "25 1 ok deliver p=3 n=0 off=9 inv=24 r=7"
    ),
    Case(
        guarantee: .a1,
        note: "no metadata of ours",
        expected: .violated("unexpected"),
        text: Told.sent + Told.first + "25 1 ok deliver n=0 env=2 inv=24 r=7"
    ),
    Case(
        guarantee: .a1,
        note: "another run's event is foreign",
        expected: .valid,
        text: Told.sent + Told.first + "25 1 ok deliver n=70 env=3 inv=24 r=7"
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
        text: Told.sent + "20 1 ok deliver n=0 off=0 env=1"
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
        note: "delivered between a refusal and the next attempt",
        expected: .violated("aborted-read"),
        text: """
            1 9 invoke publish n=0
            2 9 fail publish n=0
            20 1 ok deliver n=0 off=0 inv=10
            21 9 invoke publish n=0
            22 9 ok publish n=0 off=0
            """,
        isIdempotent: true
    ),
    Case(
        guarantee: .a3,
        note: "delivered between the second refusal and the third attempt",
        expected: .violated("aborted-read"),
        text: """
            1 9 invoke publish n=0
            2 9 fail publish n=0
            3 9 invoke publish n=0
            4 9 fail publish n=0
            20 1 ok deliver n=0 off=0 inv=10
            21 9 invoke publish n=0
            22 9 ok publish n=0 off=0
            """
    ),
    Case(
        guarantee: .a3,
        note: "delivered while the attempt after a refusal was under way",
        expected: .valid,
        text: """
            1 9 invoke publish n=0
            2 9 fail publish n=0
            19 9 invoke publish n=0
            20 1 ok deliver n=0 off=0 inv=10
            22 9 ok publish n=0 off=0
            """
    ),
    Case(
        guarantee: .a3,
        note: "delivered before the repeat of an attempt that may have arrived",
        expected: .valid,
        text: """
            1 9 invoke publish n=0
            2 9 info publish n=0
            20 1 ok deliver n=0 off=0 inv=10
            21 9 invoke publish n=0
            22 9 fail publish n=0
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
        text: Told.sent + Told.first + "25 1 ok deliver n=1 off=0 inv=24 r=1"
    ),
    Case(
        guarantee: .a38,
        note: "another partition than sent to",
        expected: .violated("misrouted"),
        text: Told.sent + "20 1 ok deliver n=0 off=0 sent=0 part=3"
    ),
    Case(
        guarantee: .a38,
        note: "the same partition number as sent to",
        expected: .valid,
        text: "1 9 invoke publish n=0 sent=3\n20 1 ok deliver n=0 off=0 sent=3 part=3"
    ),
]

let lossCases: [Case] = [
    Case(
        guarantee: .a4,
        note: "confirmed and never delivered",
        expected: .violated("lost"),
        text: Told.sent + Told.firstAcked + Told.drained
    ),
    Case(
        guarantee: .a4,
        note: "not drained: nobody can say",
        expected: .unknown,
        text: Told.sent + Told.firstAcked
    ),
    Case(
        guarantee: .a4,
        note: "drained without coming to rest",
        expected: .unknown,
        text: Told.sent + Told.firstAcked + "9000 0 info drain"
    ),
    Case(
        guarantee: .a4,
        note: "nothing delivered",
        expected: .unknown,
        text: Told.sent + Told.drained
    ),
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
            """ + "\n" + Told.firstAcked + Told.drained
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
            """ + "\n" + Told.firstAcked + Told.drained
    ),
    Case(
        guarantee: .a4,
        note: "a dead letter is not lost",
        expected: .valid,
        text: Told.sent + Told.firstAcked + "40 0 ok dead-letter n=1 att=3\n" + Told.drained
    ),
    Case(
        guarantee: .a4,
        note: "declared drops are not lost",
        expected: .valid,
        text: Told.sent + Told.firstAcked + Told.drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a4,
        note: "who asks for at-least-once has not agreed to drops",
        expected: .violated("lost"),
        text: Told.sent + Told.firstAcked + Told.drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0),
        expectations: .demanding { $0.delivery = .atLeastOnce }
    ),
    Case(
        guarantee: .a4,
        note: "each group is owed everything",
        expected: .violated("lost"),
        text: Told.sent + Told.firstAcked + Told.second + "40 2 ok deliver g=1 n=0 off=0 r=5\n"
            + Told.drained
    ),
    Case(
        guarantee: .a29,
        note: "missing, neither queued nor declared",
        expected: .violated("silent-drop"),
        text: Told.sent + Told.firstAcked + Told.drained,
        accounts: BrokerAccounts(declaredDrops: 0, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "declared, yet delivered",
        expected: .violated("silent-drop"),
        text: Told.sent + Told.firstAcked + Told.second + Told.drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "missing and declared",
        expected: .valid,
        text: Told.sent + Told.firstAcked + Told.drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "an unknown send may be among the declared",
        expected: .valid,
        text: "1 9 invoke publish n=5\n2 9 info publish n=5\n" + Told.sent + Told.firstAcked
            + Told.second
            + Told.drained,
        accounts: BrokerAccounts(declaredDrops: 1, queued: 0)
    ),
    Case(
        guarantee: .a29,
        note: "a broker that says nothing",
        expected: .unknown,
        text: Told.sent + Told.firstAcked + Told.drained
    ),
]

let copiesCases: [Case] = [
    Case(
        guarantee: .a6,
        note: "stored twice, sent once",
        expected: .violated("duplicate"),
        text: Told.sent + Told.first + Told.second + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a6,
        note: "confirmed at one offset, delivered from another",
        expected: .violated("duplicate"),
        text: Told.sent + "20 1 ok deliver n=0 off=7 att=1 inv=10"
    ),
    Case(
        guarantee: .a6,
        note: "confirmed in one partition, delivered from another",
        expected: .violated("duplicate"),
        text: Told.sent + "20 1 ok deliver n=0 off=0 att=1 inv=10 sent=0 part=3"
    ),
    Case(
        guarantee: .a6,
        note: "confirmed without an offset, delivered from wherever it is",
        expected: .valid,
        text: "1 9 invoke publish n=0\n2 9 ok publish n=0\n"
            + "20 1 ok deliver n=0 off=7 att=1 inv=10 sent=0 part=3"
    ),
    Case(
        guarantee: .a6,
        note: "sent twice without de-duplication may be stored twice",
        expected: .valid,
        text: Told.sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + Told.first
            + Told.second
            + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a6,
        note: "sent three times, stored twice",
        expected: .valid,
        text: Told.sent + "5 9 invoke publish n=0\n6 9 invoke publish n=0\n" + Told.first
            + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2"
    ),
    Case(
        guarantee: .a6,
        note: "sent twice with de-duplication is stored once",
        expected: .violated("duplicate"),
        text: Told.sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + Told.first
            + Told.second
            + "60 1 ok deliver n=0 off=2 att=1 inv=55 r=2",
        isIdempotent: true
    ),
    Case(
        guarantee: .a6,
        note: "a redelivery has the same offset",
        expected: .valid,
        text: Told.sent + Told.first + Told.second
            + "160 1 ok deliver n=0 off=0 att=2 flag=1 inv=155 r=2"
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
        text: Told.sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=2\n" + Told.first,
        isIdempotent: true
    ),
    Case(
        guarantee: .a26,
        note: "a repeat confirmed at the old offset",
        expected: .valid,
        text: Told.sent + "5 9 invoke publish n=0\n6 9 ok publish n=0 off=0\n" + Told.first,
        isIdempotent: true
    ),
]
