import Clients
import Messaging
import Workloads

/// Reads a whole scenario tree into a plan; what it cannot read it reports and leaves out.
struct ScenarioReader {
    private static let keys = [
        "gyre", "name", "description", "driver", "topics", "producers", "consumers", "faults",
        "expect", "run",
    ]

    /// Every delivery is offered to every rule.
    private static let mostFaults = 256
    private static let mostGroups = 1024

    let findings: Findings
    let files: FileFinder
    /// What the scenario is called if it does not say.
    let defaultName: String
    let summary: String

    func read(_ tree: ScenarioNode) -> ScenarioPlan {
        var plan = ScenarioPlan(name: defaultName)
        plan.summary = summary
        let fields = Fields(
            tree,
            "a scenario",
            keys: Self.keys,
            part: .scenario,
            findings: findings
        )
        guard let fields else { return plan }
        if let version = fields.require("gyre"), version.text != "1" {
            findings.error(
                "format version \(version.shown) is not known; this version reads 1",
                at: version.position
            )
        }
        if fields.has("name") { plan.name = NameRules.read("name", of: fields) ?? plan.name }
        plan.summary = fields.text("description") ?? plan.summary
        if let driver = fields["driver"] {
            plan.driver = DriverReader(findings: findings).read(driver) ?? plan.driver
        }
        var names = Declarations()
        readTopics(fields, into: &plan, &names)
        readProducers(fields, into: &plan, &names)
        readConsumers(fields, into: &plan, &names)
        readFaults(fields, into: &plan, &names)
        if let expect = fields["expect"] {
            ExpectReader(findings: findings, names: names).read(expect, into: &plan)
        }
        if let run = fields["run"] { RunReader(findings: findings).read(run, into: &plan.phases) }
        return plan
    }

    private func readProducers(
        _ fields: Fields,
        into plan: inout ScenarioPlan,
        _ names: inout Declarations
    ) {
        guard fields.require("producers") != nil else { return }
        let reader = ProducerReader(findings: findings, files: files, topics: names.topics)
        var count = 0
        for node in fields.list("producers") ?? [] {
            guard let declaration = reader.read(node, names: &plan.keyNames) else { continue }
            let name = declaration.settings.name
            guard names.producers[name] == nil else {
                repeated("producer", name, node)
                continue
            }
            count += declaration.count
            guard count < ProducerReader.mostProducers else {
                findings.error(
                    "\(Figures.count(count)) producers up to here; an event identifier has room "
                        + "for \(Figures.count(ProducerReader.mostProducers - 1))",
                    at: node.position(of: ["count"])
                )
                return
            }
            let first = UInt16(plan.producers.count)
            names.producers[name] = first..<first + UInt16(declaration.count)
            for offset in 0..<UInt16(declaration.count) {
                var settings = declaration.settings
                settings.number = first + offset
                plan.producers.append(settings)
            }
            let topic = Int(declaration.settings.topic)
            let longest = max(plan.topics[topic].largestPayloadBytes, declaration.longestPayload)
            plan.topics[topic].largestPayloadBytes = longest
        }
        if fields["producers"]?.items?.isEmpty == true {
            findings.error(
                "'producers' is empty: nothing would be sent",
                at: fields.position("producers")
            )
        }
    }

    private func readConsumers(
        _ fields: Fields,
        into plan: inout ScenarioPlan,
        _ names: inout Declarations
    ) {
        let reader = ConsumerReader(findings: findings, topics: names.topics)
        for node in fields.list("consumers") ?? [] {
            let index = UInt16(plan.groups.count)
            guard let declaration = reader.read(node, group: index) else { continue }
            let (name, group) = (declaration.settings.name, declaration.group.name)
            if names.consumers[name] != nil {
                repeated("consumer", name, node)
                continue
            }
            if names.groups[group] != nil {
                repeated("group", group, node)
                continue
            }
            guard plan.groups.count < Self.mostGroups else {
                findings.error("more than \(Self.mostGroups) groups", at: node.position)
                break
            }
            names.consumers[name] = index
            names.groups[group] = index
            plan.groups.append(declaration.group)
            plan.consumers.append(declaration.settings)
        }
        numberDeadLetters(fields, in: &plan)
    }

    private func readFaults(
        _ fields: Fields,
        into plan: inout ScenarioPlan,
        _ names: inout Declarations
    ) {
        let reader = FaultReader(findings: findings, plan: plan, names: names)
        for node in fields.list("faults") ?? [] {
            if let name = node["name"]?.text, !names.faults.insert(name).inserted {
                repeated("fault", name, node)
            }
            if let rule = reader.read(node) { plan.faults.append(rule) }
            guard plan.faults.count <= Self.mostFaults else {
                findings.error("more than \(Self.mostFaults) faults", at: node.position)
                return
            }
        }
    }

    func repeated(_ what: String, _ name: String, _ node: ScenarioNode) {
        findings.error(
            "\(what) \(quoted(name)) is declared twice; names are unique",
            at: node.position
        )
    }
}
