import Faults
import Histories
import HistoryChecks
import Messaging
import Testing
import Workloads

@testable import Clients

@Suite("What a consumer puts on record")
struct ConsumerHistoryTests {
    private static func line(_ record: HistoryRecord) -> String {
        "\(record.side.letter) \(record.kind.name) \(record.phase.name) \(record.delivery)"
    }

    @Test("a delivery from the broker's hand to its answer, by the ordinal that stands for it")
    func whole() throws {
        let rig = ConsumerRig(member: 1, history: .full)
        rig.offer(4, attempt: 2, producer: 2, partition: 3) { $0.offset = 44 }
        try rig.step(5)
        try rig.step(6)
        #expect(
            rig.records.map(Self.line) == [
                "B deliver ok 0", "P handle ok 0", "P apply ok 0", "P settle ok 0",
                "B ack invoke 0", "B ack ok 0",
            ]
        )
        #expect(Set(rig.records.map(\.process)) == [3])
        #expect(rig.records.map(\.consumer) == Array(repeating: 1, count: 6))
        #expect(rig.records.map(\.time) == [5, 5, 5, 5, 5, 6].map { ms($0) })
        let deliver = try #require(rig.records.first)
        #expect(deliver.lane == LaneID(producer: 2, topic: 0, partition: 3))
        #expect(deliver.n == 4 && deliver.offset == 44 && deliver.attempt == 2)
        #expect(deliver.isRedelivered && deliver.partition == 3)
        #expect(deliver.invoked == ms(5))
    }

    @Test("an answer on receipt leaves before the handler runs")
    func onReceipt() throws {
        let rig = ConsumerRig(history: .full) { $0.ack = .onReceive }
        rig.offer(0)
        try rig.step(0)
        #expect(
            rig.records.map(Self.line) == [
                "B deliver ok 0", "P settle ok 0", "B ack invoke 0", "P handle ok 0",
                "P apply ok 0",
            ]
        )
    }

    @Test(
        "what the broker says of an answer",
        arguments: [
            (SettlementResult.Outcome.settled, HistoryRecord.Phase.ok), (.staleReceipt, .fail),
            (.indeterminate, .info),
        ]
    )
    func outcomes(outcome: SettlementResult.Outcome, phase: HistoryRecord.Phase) throws {
        let rig = ConsumerRig(
            faults: [rule(.fail(isPoison: false, afterEffect: false), at: .process) { $0.nth = 2 }],
            history: .full
        ) { $0.retry = RetryPolicy(attempts: 2, backoff: .fixed(.milliseconds(30))) }
        rig.end.outcome = outcome
        for n in 0..<3 as Range<UInt64> { rig.offer(n) }
        try rig.run(0, 1)
        let answers = rig.records.filter { $0.side == .boundary && $0.kind != .deliver }
        let word = phase.name
        #expect(
            answers.map(Self.line) == [
                "B ack invoke 0", "B nack invoke 1", "B ack invoke 2", "B ack \(word) 0",
                "B nack \(word) 1", "B ack \(word) 2",
            ]
        )
        #expect(answers.map(\.nanoseconds) == [0, 30_000_000, 0, 0, 0, 0])
        let settled = rig.records.filter { $0.kind == .settle }
        #expect(settled.map(\.nanoseconds) == [0, 30_000_000, 0])
        #expect(rig.numbers(.fault) == [1])
    }

    @Test("copies and what never crossed are told apart")
    func faults() throws {
        let rig = ConsumerRig(
            faults: [rule(.duplicate(extra: 1), at: .deliver)],
            history: .full
        )
        rig.offer(0)
        try rig.run(0, 1)
        let handles = rig.records.filter { $0.kind == .handle }
        #expect(handles.map(\.copy) == [0, 1])
        #expect(rig.records.filter { $0.kind == .settle }.map(\.copy) == [0, 1])
        #expect(rig.numbers(.ack).count == 2, "invoke and ok of one answer")
        #expect(rig.numbers(.deliver) == [0])
    }

    @Test("a crash, and a dead letter before its acknowledgement")
    func crashAndDeadLetter() throws {
        let rig = ConsumerRig(
            faults: [
                rule(.fail(isPoison: false, afterEffect: false), at: .process) { $0.every = 2 },
                FaultRule(
                    name: "crash",
                    kind: .crash(at: .beforeAck, restartAfter: .milliseconds(5)),
                    site: nil
                ),
            ],
            history: .full
        ) {
            $0.deadLetterTopic = ConsumerRig.deadLetterTopic
            $0.deadLetterProducer = ConsumerRig.deadLetterProducer
        }
        rig.deadEnd.answersAll = .confirmed
        rig.offer(1)
        try rig.run(0, 1)
        #expect(
            rig.records.map(Self.line).suffix(4) == [
                "P dead-letter ok 0", "P settle ok 0", "B ack invoke 0", "B ack ok 0",
            ]
        )
        rig.offer(2)
        try rig.run(2, 3)
        #expect(rig.records.last?.kind == .crash && rig.records.last?.phase == .info)
        #expect(rig.records.last?.side == .boundary)
    }

    @Test("without full history, of the broker only redeliveries and refusals are on record")
    func flight() throws {
        let rig = ConsumerRig(
            faults: [rule(.fail(isPoison: false, afterEffect: false), at: .process) { $0.nth = 1 }],
            history: .anomalies
        ) { $0.retry = RetryPolicy(attempts: 2, backoff: .none) }
        for n in 0..<2 as Range<UInt64> { rig.offer(n) }
        rig.offer(2, attempt: 2)
        try rig.run(0, 1)
        let kept = rig.client.recorder.flight.records.filter { $0.side == .boundary }
        #expect(kept.map(Self.line) == ["B deliver ok 2", "B nack invoke 0"])
    }
}
