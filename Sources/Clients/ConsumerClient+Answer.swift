import Faults
import Histories
import HistoryChecks
import LatencyMetrics
import Messaging
import Synchronization

extension ConsumerClient {
    /// The handler's answer to one delivery; injected copies are answered by their original alone.
    mutating func answer(
        _ kind: Settlement.Kind,
        _ handed: HandedDelivery,
        nanoseconds: Int64 = 0,
        at now: Instant
    ) {
        record(
            .settle,
            handed.delivery,
            side: .application,
            at: now,
            ordinal: handed.ordinal,
            nanoseconds: nanoseconds,
            copy: handed.copy
        )
        guard handed.copy == 0 else { return }
        let answer = Answer(
            settlement: Settlement(kind, of: handed.delivery, nanoseconds: nanoseconds),
            ordinal: handed.ordinal,
            delivery: handed.delivery
        )
        guard ackFaults != nil else {
            passedAnswers.append(answer)
            return movePassedAnswers(at: now)
        }
        ackFaults?.pass(
            answer,
            FaultSubject(inbound: handed.delivery, group: settings.group, member: member),
            at: now,
            lane: Int(handed.delivery.partition),
            copy: { item, _ in item },
            into: &passedAnswers
        )
        movePassedAnswers(at: now)
    }

    /// Moves what came through the ack site to the batch for the driver, while there is room.
    mutating func movePassedAnswers(at now: Instant) {
        noteStrikes(ackFaults?.takeStrikes() ?? [], at: now)
        guard !passedAnswers.isEmpty else { return }
        let moved = min(passedAnswers.count, answers.room)
        for answer in passedAnswers[..<moved] {
            answers.append(answer.settlement, ordinal: answer.ordinal)
            guard !recorder.isFull, answer.settlement.kind != .ack else { continue }
            record(
                answer.settlement.kind.recordKind,
                answer.delivery,
                side: .boundary,
                at: now,
                ordinal: answer.ordinal,
                nanoseconds: answer.settlement.nanoseconds,
                phase: .invoke
            )
        }
        passedAnswers.removeSubrange(..<moved)
    }

    /// Gives the waiting answers to the driver; the ledger hears of them first.
    mutating func sendAnswers(at now: Instant) throws(DriverFailure) {
        group.shared.withLock { shared in
            for index in 0..<answers.runs.count {
                let run = answers.runs[index]
                shared.deliveries.settleInvoked(
                    run.kind,
                    deliveries: run.ordinals,
                    nanoseconds: run.nanoseconds,
                    at: now
                )
            }
        }
        if recorder.isFull {
            for index in 0..<answers.runs.count {
                recordAnswers(answers.runs[index], .invoke, at: now)
            }
        }
        try end.settle(answers.settlements, in: 0..<answers.count, at: now)
        answers.markSent()
    }

    /// What crossed the boundary of some answers; the receipts say to which deliveries.
    private mutating func recordAnswers(
        _ run: AnswerRun,
        _ phase: HistoryRecord.Phase,
        at now: Instant
    ) {
        for ordinal in run.ordinals {
            var entry = HistoryRecord(run.kind.recordKind, phase, side: .boundary, at: now)
            entry.group = settings.group
            entry.consumer = member
            entry.delivery = ordinal
            // A result says nothing of delays.
            if phase == .invoke { entry.nanoseconds = run.nanoseconds }
            recorder.append(entry)
        }
    }

    /// Takes what the driver knows of earlier answers.
    mutating func takeResults(at now: Instant) throws(DriverFailure) -> Bool {
        guard !answers.isSettled else { return false }
        results.removeAll()
        try end.poll(into: &results, at: now)
        for index in 0..<results.count { take(results[index], at: now) }
        return !results.isEmpty
    }

    private mutating func take(_ result: SettlementResult, at now: Instant) {
        var number = result.first
        var left = Int(result.count)
        while left > 0 {
            let (count, run) = answers.close(number, count: left)
            if let run {
                if recorder.isFull { recordAnswers(run, result.outcome.phase, at: now) }
                end(run.kind, run.ordinals, result.outcome, at: now)
            }
            number &+= UInt64(truncatingIfNeeded: count)
            left &-= count
        }
    }

    private mutating func end(
        _ kind: Settlement.Kind,
        _ ordinals: Range<UInt64>,
        _ outcome: SettlementResult.Outcome,
        at now: Instant
    ) {
        count(ordinals.count, outcome, kind)
        group.shared.withLock {
            $0.deliveries.settleEnded(kind, deliveries: ordinals, outcome: outcome, at: now)
        }
    }

    private mutating func count(
        _ answers: Int,
        _ outcome: SettlementResult.Outcome,
        _ kind: Settlement.Kind
    ) {
        switch (outcome, kind) {
        case (.staleReceipt, _): counts.stale &+= UInt64(answers)
        case (_, .ack):
            counts.acknowledged &+= UInt64(answers)
            metrics.count(answers, .acknowledged)
            metrics.advance(settings.group, by: answers)
        case (_, .deadLetter): metrics.advance(settings.group, by: answers)
        case (_, .nack): counts.refused &+= UInt64(answers)
        default: break
        }
    }
}

extension SettlementResult.Outcome {
    /// The word that histories use.
    var phase: HistoryRecord.Phase {
        switch self {
        case .settled: .ok
        case .staleReceipt: .fail
        case .indeterminate: .info
        }
    }
}

extension Settlement.Kind {
    /// The word that histories use.
    var recordKind: HistoryRecord.Kind {
        switch self {
        case .ack: .ack
        case .nack: .nack
        case .extend: .extend
        case .commit: .commit
        case .deadLetter: .deadLetter
        }
    }
}
