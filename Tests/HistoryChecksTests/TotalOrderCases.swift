import Messaging

@testable import HistoryChecks

private let total: Expectations = .demanding { $0.ordering = .total }

/// Producers 1 and 2 send one event each, the second after the first is confirmed.
private let oneAfterTheOther = """
    1 9 invoke publish p=1 n=0 k=1
    2 9 ok publish p=1 n=0 off=0
    3 9 invoke publish p=2 n=0 k=2
    4 9 ok publish p=2 n=0 off=1

    """

/// Likewise, but neither is confirmed when the other begins.
private let atOnce = """
    1 9 invoke publish p=1 n=0 k=1
    1 9 invoke publish p=2 n=0 k=2
    2 9 ok publish p=1 n=0 off=0
    2 9 ok publish p=2 n=0 off=1

    """

private let firstThenSecond = """
    20 1 ok deliver p=1 n=0 k=1 off=0 att=1 inv=10 r=0
    30 1 ok deliver p=2 n=0 k=2 off=1 att=1 inv=25 r=1

    """

private let secondThenFirst = """
    20 1 ok deliver p=2 n=0 k=2 off=1 att=1 inv=10 r=1
    30 1 ok deliver p=1 n=0 k=1 off=0 att=1 inv=25 r=0

    """

/// Group 1 receives what group 0 has received, after it.
private func toTheOther(_ deliveries: String) -> String {
    deliveries.split(separator: "\n").map { $0 + " g=1" }.joined(separator: "\n") + "\n"
}

let totalOrderCases: [Case] = [
    Case(
        guarantee: .a12,
        note: "what was confirmed before the other was sent comes after it",
        expected: .violated("nonmonotonic"),
        text: oneAfterTheOther + secondThenFirst,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "in the order of sending",
        expected: .valid,
        text: oneAfterTheOther + firstThenSecond,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "sent at once, in any order",
        expected: .valid,
        text: atOnce + secondThenFirst,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "the later one first within one reply",
        expected: .violated("nonmonotonic"),
        text: oneAfterTheOther
            + "20 1 ok deliver p=2 n=0 off=1 inv=10\n20 1 ok deliver p=1 n=0 off=0 inv=10",
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "to two members whose receives overlap",
        expected: .valid,
        text: oneAfterTheOther
            + "20 1 ok deliver p=2 n=0 off=1 inv=10\n30 2 ok deliver p=1 n=0 off=0 inv=15",
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "to two members, one after the other",
        expected: .violated("nonmonotonic"),
        text: oneAfterTheOther
            + "20 1 ok deliver p=2 n=0 off=1 inv=10\n30 2 ok deliver p=1 n=0 off=0 inv=25",
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "confirmed only after the other was sent, though stored long before",
        expected: .valid,
        text: """
            1 9 invoke publish p=1 n=0
            3 9 invoke publish p=2 n=0
            4 9 ok publish p=2 n=0 off=1
            5 9 ok publish p=1 n=0 off=0

            """ + secondThenFirst,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "an earlier attempt without an answer may take effect at any time",
        expected: .undecided,
        text: """
            1 9 invoke publish p=1 n=0
            2 9 info publish p=1 n=0
            3 9 invoke publish p=1 n=0
            4 9 ok publish p=1 n=0 off=0
            5 9 invoke publish p=2 n=0
            6 9 ok publish p=2 n=0 off=1

            """ + secondThenFirst,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "handed out before, but never received",
        expected: .valid,
        text: oneAfterTheOther
            + "20 1 ok deliver p=2 n=0 off=1 att=1 inv=10\n"
            + "130 1 ok deliver p=1 n=0 off=0 att=2 flag=1 inv=125",
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "behind an earlier event of its key that had to come again",
        expected: .undecided,
        text: """
            1 9 invoke publish p=1 n=0 count=2
            2 9 ok publish p=1 n=0 count=2 off=0
            3 9 invoke publish p=2 n=0
            4 9 ok publish p=2 n=0 off=2
            20 1 ok deliver p=1 n=0 k=1 off=0 att=1 inv=10 r=0
            21 1 invoke nack r=0 delay=9
            22 1 ok nack r=0
            25 1 ok deliver p=2 n=0 k=2 off=2 att=1 inv=23 r=2
            40 1 ok deliver p=1 n=0 k=1 off=0 att=2 flag=1 inv=35 r=3
            50 1 ok deliver p=1 n=1 k=1 off=1 att=1 inv=45 r=4
            """,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "behind an event of its key that the member before still holds",
        expected: .undecided,
        text: """
            1 9 invoke publish p=1 n=0 count=2
            2 9 ok publish p=1 n=0 count=2 off=0
            3 9 invoke publish p=2 n=0
            4 9 ok publish p=2 n=0 off=2
            20 1 ok deliver p=1 n=0 k=1 off=0 att=1 inv=10 r=0
            25 2 ok deliver p=2 n=0 k=2 off=2 att=1 inv=23 r=2
            30 1 invoke ack r=0
            31 1 ok ack r=0
            50 2 ok deliver p=1 n=1 k=1 off=1 att=1 inv=45 r=4
            """,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "likewise, but sent long after the change of members",
        expected: .violated("nonmonotonic"),
        text: """
            1 9 invoke publish p=1 n=0
            2 9 ok publish p=1 n=0 off=0
            20 1 ok deliver p=1 n=0 k=1 off=0 att=1 inv=10 r=0
            22 2 ok deliver p=3 n=0 k=2 off=1 att=1 inv=21 r=1
            201 9 invoke publish p=1 n=1
            202 9 ok publish p=1 n=1 off=2
            203 9 invoke publish p=2 n=0
            204 9 ok publish p=2 n=0 off=3
            225 2 ok deliver p=2 n=0 k=2 off=3 att=1 inv=223 r=2
            250 2 ok deliver p=1 n=1 k=1 off=2 att=1 inv=245 r=4
            """,
        expectations: total
    ),
    Case(
        guarantee: .a11,
        note: "likewise within one producer",
        expected: .undecided,
        text: """
            1 9 invoke publish n=0 count=3
            2 9 ok publish n=0 count=3 off=0
            20 1 ok deliver n=0 k=1 off=0 att=1 inv=10 r=0
            21 1 invoke nack r=0 delay=9
            22 1 ok nack r=0
            25 1 ok deliver n=2 k=2 off=2 att=1 inv=23 r=2
            40 1 ok deliver n=0 k=1 off=0 att=2 flag=1 inv=35 r=3
            50 1 ok deliver n=1 k=1 off=1 att=1 inv=45 r=4
            """,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "nothing was ever confirmed",
        expected: .unknown,
        text: "1 9 invoke publish p=1 n=0\n3 9 invoke publish p=2 n=0\n" + secondThenFirst,
        expectations: total
    ),
    Case(
        guarantee: .a12,
        note: "the application's own sends stand for crossings that were not recorded",
        expected: .violated("nonmonotonic"),
        text: oneAfterTheOther.replacing("publish", with: "send") + secondThenFirst,
        expectations: total
    ),
    Case(
        guarantee: .a15,
        note: "two groups see two orders",
        expected: .violated("divergence"),
        text: atOnce + firstThenSecond + toTheOther(secondThenFirst),
        expectations: total
    ),
    Case(
        guarantee: .a15,
        note: "two groups see one order",
        expected: .valid,
        text: atOnce + secondThenFirst + toTheOther(secondThenFirst),
        expectations: total
    ),
    Case(
        guarantee: .a15,
        note: "the group that was ahead turns out to be the odd one",
        expected: .violated("divergence"),
        text: atOnce
            + """
            20 1 ok deliver p=2 n=0 off=1 inv=10
            21 1 ok deliver p=1 n=0 off=0 inv=10 g=1
            22 1 ok deliver p=2 n=0 off=1 inv=11 g=1
            30 1 ok deliver p=1 n=0 off=0 inv=25
            """,
        expectations: total
    ),
    Case(
        guarantee: .a15,
        note: "what one group never gets is no disagreement",
        expected: .valid,
        text: atOnce + "20 1 ok deliver p=1 n=0 off=0 inv=10\n" + toTheOther(secondThenFirst),
        expectations: total
    ),
    Case(
        guarantee: .a15,
        note: "members of the leading group whose receives overlap fix no order",
        expected: .undecided,
        text: atOnce
            + "20 1 ok deliver p=1 n=0 off=0 inv=10\n21 2 ok deliver p=2 n=0 off=1 inv=11\n"
            + toTheOther(secondThenFirst),
        expectations: total
    ),
    Case(
        guarantee: .a15,
        note: "only one group",
        expected: .valid,
        text: atOnce + firstThenSecond,
        expectations: total
    ),
    Case(
        guarantee: .a15,
        note: "an event that crossed twice may be seen by either of its copies",
        expected: .undecided,
        text: atOnce + "5 9 invoke publish p=1 n=0\n6 9 ok publish p=1 n=0 off=2\n"
            + firstThenSecond + toTheOther(secondThenFirst),
        expectations: total
    ),
]
