import Clients
import Faults
import HistoryChecks
import Messaging
import Workloads

/// What in the plan works against what is expected: always warnings, since watching a guarantee
/// break is a use of the tool.
extension PlanCheck {
    func checkGuarantees() {
        for index in plan.consumers.indices {
            checkLoss(of: index)
            checkRepetition(in: index)
            checkOrderOfEffects(in: index)
        }
        checkPublishing()
        checkOverflow()
    }

    private func concerns(_ rule: FaultRule, group index: Int) -> Bool {
        let topic = plan.groups[index].topic
        return (rule.selector.group.map { Int($0) == index } ?? true)
            && (rule.selector.topic.map { Int($0) == topic } ?? true)
    }

    private var wantsEveryEffect: Bool {
        plan.expectations.effect == .exactlyOnce || plan.expectations.effect == .atLeastOnce
    }

    private var wantsNoSecondEffect: Bool {
        plan.expectations.effect == .exactlyOnce || plan.expectations.effect == .atMostOnce
    }

    private func checkLoss(of index: Int) {
        guard wantsEveryEffect else { return }
        let consumer = plan.consumers[index]
        let word = plan.expectations.effect?.rawValue ?? ""
        let deadly = rules { rule in
            guard concerns(rule, group: index) else { return false }
            switch (rule.kind, rule.site) {
            case (.crash, _), (.fail, _), (.hang, _): return consumer.ack != .afterProcessing
            case (.drop, .deliver): return consumer.ack == .never
            default: return false
            }
        }
        if !deadly.isEmpty {
            warning(
                "effect: \(word) will be violated: with ack: \(consumer.ack.rawValue) the broker "
                    + "does not deliver again what \(names(deadly)) destroys in "
                    + "\(quoted(consumer.name))",
                at: "expect",
                "application",
                "effect"
            )
        }
        let refusals = rules { rule in
            guard concerns(rule, group: index), case .fail(let isPoison, _) = rule.kind else {
                return false
            }
            return (isPoison || consumer.retry.attempts == 1) && consumer.deadLetterTopic == nil
                && consumer.ack == .afterProcessing
        }
        guard !refusals.isEmpty else { return }
        warning(
            "effect: \(word) will be violated: \(quoted(consumer.name)) gives up what "
                + "\(names(refusals)) refuses after \(consumer.retry.attempts) "
                + "\(consumer.retry.attempts == 1 ? "attempt" : "attempts") and has no dead-letter "
                + "topic",
            at: "expect",
            "application",
            "effect"
        )
    }

    private func checkRepetition(in index: Int) {
        guard wantsNoSecondEffect else { return }
        let consumer = plan.consumers[index]
        let word = plan.expectations.effect?.rawValue ?? ""
        let lease = plan.groups[index].leaseNanoseconds
        let repeating = rules { rule in
            concerns(rule, group: index) && repeats(rule, ack: consumer.ack, lease: lease)
        }
        guard !repeating.isEmpty else { return }
        guard let inbox = consumer.inbox else {
            warning(
                "effect: \(word) will be violated: \(quoted(consumer.name)) has no inbox, so what "
                    + "\(names(repeating)) brings twice is applied twice",
                at: "expect",
                "application",
                "effect"
            )
            return
        }
        let crashes = repeating.filter { if case .crash = $0.kind { true } else { false } }
        if !inbox.isDurable, !crashes.isEmpty {
            warning(
                "effect: \(word) will be violated: the inbox of \(quoted(consumer.name)) is not "
                    + "durable and \(names(crashes)) empties it",
                at: "expect",
                "application",
                "effect"
            )
        }
        let events = estimates.topics[plan.groups[index].topic].perSecond.map {
            $0 * Double(lease) / 1e9
        }
        if let events, events > Double(inbox.events) {
            warning(
                "the inbox of \(quoted(consumer.name)) holds \(Figures.count(inbox.events)) "
                    + "events, but about \(Figures.decimal(events)) come during one lease: past "
                    + "that the verdict is unknown",
                at: "consumers",
                consumer.name,
                "inbox"
            )
        }
    }

    private func repeats(_ rule: FaultRule, ack: AckMode, lease: Int64) -> Bool {
        switch (rule.kind, rule.site) {
        case (.duplicate, .deliver): true
        case (.duplicate, .publish), (.drop, .confirm):
            plan.producers.contains { producer in
                let isRepeated = rule.site == .publish || producer.retry.attempts > 1
                return !producer.isIdempotent && isRepeated
                    && (rule.selector.producers?.contains(producer.number) ?? true)
            }
        case (.drop, .ack): ack == .afterProcessing
        case (.delay(let length, _), .ack):
            ack == .afterProcessing && length.meanNanoseconds >= Double(lease)
        case (.fail(_, afterEffect: true), _): ack == .afterProcessing
        case (.pause(let length), _), (.slow(let length), _):
            ack == .afterProcessing && length.wholeNanoseconds >= lease
        case (.crash(let point, _), _): point != .beforeApply && ack == .afterProcessing
        default: false
        }
    }

    private func checkOrderOfEffects(in index: Int) {
        guard plan.expectations.effectOrder == .perKey else { return }
        let consumer = plan.consumers[index]
        let overtaking = rules { rule in
            guard concerns(rule, group: index), case .delay(_, order: .overtake) = rule.kind else {
                return false
            }
            return rule.site == .deliver || rule.site == .publish
        }
        if !overtaking.isEmpty {
            warning(
                "order: per-key will be violated: \(names(overtaking)) lets later events overtake",
                at: "expect",
                "application",
                "order"
            )
        }
        let returning = rules { rule in
            guard concerns(rule, group: index) else { return false }
            switch (rule.kind, rule.site) {
            case (.fail, _): return consumer.retry.attempts > 1
            case (.drop, .deliver), (.hang, _): return true
            default: return false
            }
        }
        guard !returning.isEmpty, plan.groups[index].order == .pass else { return }
        warning(
            "order: per-key will be violated: with order: pass, later events overtake those that "
                + "\(names(returning)) sends back",
            at: "expect",
            "application",
            "order"
        )
    }

    private func checkPublishing() {
        let dropped = rules { $0.kind == .drop && ($0.site == .publish || $0.site == .confirm) }
        guard !dropped.isEmpty else { return }
        let single = plan.producers.filter { $0.retry.attempts == 1 || $0.confirm == .none }
        guard let first = single.first else { return }
        if plan.expectations.unresolved != nil, first.confirm == .each {
            let limit = plan.expectations.unresolved ?? 0
            warning(
                "unresolved: \(Figures.count(limit)) will probably be exceeded: "
                    + "\(quoted(first.name)) does not try again what \(names(dropped)) swallows",
                at: "expect",
                "application",
                "unresolved"
            )
        }
        let lost = dropped.filter { $0.site == .publish }
        if first.confirm == .none, wantsEveryEffect, !lost.isEmpty {
            warning(
                "effect: \(plan.expectations.effect?.rawValue ?? "") will be violated: without "
                    + "confirmations \(quoted(first.name)) counts as sent what "
                    + "\(names(lost)) drops",
                at: "expect",
                "application",
                "effect"
            )
        }
    }

    private func checkOverflow() {
        guard plan.expectations.delivery == .atLeastOnce || wantsEveryEffect else { return }
        for topic in plan.topics
        where topic.overflow == .dropOldest || topic.overflow == .dropNewest {
            warning(
                "overflow: \(topic.overflow.rawValue) loses events once \(quoted(topic.name)) is "
                    + "full, which at-least-once does not allow",
                at: "topics",
                topic.name,
                "overflow"
            )
        }
    }
}
