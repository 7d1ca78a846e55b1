import Messaging

@testable import HistoryChecks

let orderCases: [Case] = [
    Case(
        guarantee: .a11,
        note: "the later event of a key first",
        expected: .violated("reorder"),
        text: Told.sent
            + "20 1 ok deliver n=1 k=1 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=0 inv=25"
    ),
    Case(
        guarantee: .a11,
        note: "the later event of another key first",
        expected: .valid,
        text: Told.sent
            + "20 1 ok deliver n=1 k=2 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=0 inv=25"
    ),
    Case(
        guarantee: .a11,
        note: "the later event of another key first, where keys do not matter",
        expected: .violated("reorder"),
        text: Told.sent
            + "20 1 ok deliver n=1 k=2 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=0 inv=25",
        expectations: .demanding { $0.ordering = .perProducer }
    ),
    Case(
        guarantee: .a11,
        note: "asked for while the other was on its way",
        expected: .undecided,
        text: Told.sent
            + "20 1 ok deliver n=1 k=1 off=1 inv=10\n30 2 ok deliver n=0 k=1 off=0 inv=15"
    ),
    Case(
        guarantee: .a11,
        note: "the later event of a key first in one reply",
        expected: .violated("reorder"),
        text: Told.sent
            + "20 1 ok deliver n=1 k=1 off=1 inv=10\n20 1 ok deliver n=0 k=1 off=0 inv=10"
    ),
    Case(
        guarantee: .a11,
        note: "in the next reply to the same member, however soon",
        expected: .violated("reorder"),
        text: Told.sent
            + "20 1 ok deliver n=1 k=1 off=1 inv=10\n30 1 ok deliver n=0 k=1 off=0 inv=19"
    ),
    Case(
        guarantee: .a11,
        note: "to the member that had an older one, between those of another",
        expected: .violated("reorder"),
        text: """
            1 9 invoke publish n=0 count=9
            20 1 ok deliver n=2 k=1 off=2 inv=10
            22 2 ok deliver n=3 k=1 off=3 inv=11
            24 1 ok deliver n=1 k=1 off=1 inv=12
            """
    ),
    Case(
        guarantee: .a11,
        note: "handed out before, but never received",
        expected: .valid,
        text: Told.sent
            + "20 1 ok deliver n=1 k=1 off=1 att=1 inv=10\n"
            + "130 1 ok deliver n=0 k=1 off=0 att=2 flag=1 inv=125"
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
        text: Told.sent + "5 9 invoke publish n=0\n"
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
        text: Told.sent + Told.first + Told.second
            + "160 1 ok deliver n=0 k=1 off=0 att=2 flag=1 inv=155"
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

let effectsCases: [Case] = [
    Case(
        guarantee: .a8,
        note: "applied twice",
        expected: .violated("double-apply"),
        text: Told.sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n"
            + Told.drained
    ),
    Case(
        guarantee: .a8,
        note: "applied twice before anybody drained",
        expected: .violated("double-apply"),
        text: Told.sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n"
    ),
    Case(
        guarantee: .a8,
        note: "applied twice where once or more is enough",
        expected: .valid,
        text: Told.sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n"
            + Told.drained,
        expectations: .demanding { $0.effect = .atLeastOnce }
    ),
    Case(
        guarantee: .a8,
        note: "never applied",
        expected: .violated("missed-apply"),
        text: Told.sends + "20 1 ok apply n=0\n" + Told.drained
    ),
    Case(
        guarantee: .a8,
        note: "never applied where once at most is asked",
        expected: .valid,
        text: Told.sends + "20 1 ok apply n=0\n" + Told.drained,
        expectations: .demanding { $0.effect = .atMostOnce }
    ),
    Case(
        guarantee: .a8,
        note: "not drained",
        expected: .unknown,
        text: Told.sends + "20 1 ok apply n=0"
    ),
    Case(
        guarantee: .a8,
        note: "given up",
        expected: .violated("missed-apply"),
        text: Told.sends + "20 1 ok apply n=0\n21 1 fail settle n=1\n" + Told.drained
    ),
    Case(
        guarantee: .a8,
        note: "moved to the dead letters",
        expected: .valid,
        text: Told.sends + "20 1 ok apply n=0\n21 1 ok dead-letter n=1 P=1\n" + Told.drained
    ),
    Case(
        guarantee: .a8,
        note: "unknown sends may be applied or not",
        expected: .valid,
        text: "1 9 invoke send n=0\n2 9 info send n=0\n3 9 invoke send n=1\n4 9 info send n=1\n"
            + "20 1 ok apply n=0\n" + Told.drained
    ),
    Case(
        guarantee: .a8,
        note: "refused, yet applied",
        expected: .violated("refused-apply"),
        text: Told.sends + "5 9 invoke send n=2\n6 9 fail send n=2\n20 1 ok apply n=0\n"
            + "21 1 ok apply n=1\n22 1 ok apply n=2\n" + Told.drained
    ),
    Case(
        guarantee: .a8,
        note: "each once",
        expected: .valid,
        text: Told.sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n" + Told.drained
    ),
    Case(
        guarantee: .a9,
        note: "a state that counts an event twice",
        expected: .violated("state-mismatch"),
        text: Told.sends + "20 1 ok apply n=0\n21 1 ok apply n=1\n22 1 ok apply n=0\n"
            + Told.drained
    ),
    Case(
        guarantee: .a9,
        note: "a state of distinct events, in any order",
        expected: .valid,
        text: Told.sends + "20 1 ok apply n=1\n21 1 ok apply n=0\n" + Told.drained
    ),
    Case(
        guarantee: .unresolved,
        note: "one fate too many unknown",
        expected: .violated("unresolved"),
        text: Told.sends + "5 9 invoke send n=2\n6 9 info send n=2\n" + Told.drained,
        expectations: .demanding { $0.unresolved = 0 }
    ),
    Case(
        guarantee: .unresolved,
        note: "a fate unknown because the run was cut short",
        expected: .unknown,
        text: Told.sends + "5 9 invoke send n=2\n6 9 info send n=2\n",
        expectations: .demanding { $0.unresolved = 0 }
    ),
    Case(
        guarantee: .unresolved,
        note: "resolved late",
        expected: .valid,
        text: Told.sends + "5 9 invoke send n=2\n6 9 info send n=2\n7 9 ok send n=2",
        expectations: .demanding { $0.unresolved = 0 }
    ),
]
