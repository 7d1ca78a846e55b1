import HistoryChecks

/// Reads `expect`.
struct ExpectReader {
    let findings: Findings
    let names: Declarations

    func read(_ node: ScenarioNode, into plan: inout ScenarioPlan) {
        let keys = ["broker", "application", "thresholds"]
        guard let fields = Fields(node, "'expect'", keys: keys, findings: findings) else { return }
        if let broker = fields["broker"] { readBroker(broker, into: &plan.expectations) }
        if let application = fields["application"] {
            readApplication(application, into: &plan.expectations)
        }
        let reader = ThresholdReader(findings: findings, names: names)
        plan.thresholds = fields.list("thresholds")?.compactMap(reader.read) ?? []
    }

    private func readBroker(_ node: ScenarioNode, into expectations: inout Expectations) {
        let keys = ["delivery", "ordering"]
        guard let fields = Fields(node, "'broker'", keys: keys, findings: findings) else { return }
        expectations.delivery = fields.choice("delivery", Expectations.BrokerDelivery.self)
        expectations.ordering = fields.choice("ordering", Expectations.BrokerOrdering.self)
    }

    private func readApplication(_ node: ScenarioNode, into expectations: inout Expectations) {
        let keys = ["effect", "order", "unresolved"]
        guard let fields = Fields(node, "'application'", keys: keys, findings: findings) else {
            return
        }
        expectations.effect = fields.choice("effect", Expectations.Effect.self)
        expectations.effectOrder = fields.choice("order", Expectations.EffectOrder.self)
        expectations.unresolved = fields.count("unresolved", in: 0...(1 << 50))
    }
}
