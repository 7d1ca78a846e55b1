/// The fields of an OpenMessaging Benchmark workload, as `Workload.java` and its forks know them.
struct OMBWorkload {
    static let keyDistributors = ["NO_KEY", "KEY_ROUND_ROBIN", "RANDOM_NANO"]

    /// Fields that say something to this tool.
    private static let known = [
        "name", "topics", "partitionsPerTopic", "keyDistributor", "messageSize",
        "useRandomizedPayloads", "randomBytesRatio", "randomizedPayloadPoolSize", "payloadFile",
        "subscriptionsPerTopic", "producersPerTopic", "consumerPerSubscription", "producerRate",
        "producerRateList", "consumerBacklogSizeGB", "testDurationMinutes",
        "warmupDurationMinutes",
    ]
    /// Fields of the original and of forks that are right in a file and change nothing here.
    private static let idle = [
        "backlogDrainRatio", "sampleRateMillis", "existingTopicList",
        "existingProduceTopicList", "existingConsumeTopicList", "drainProducerRate",
        "backlogProducerRate", "warmupProducerRate", "warmupProducerRateSeparationMinutes",
        "partitionsPerTopicList", "producersPerTopicList", "randomTopicNames",
        "logIntervalMillis",
    ]
    /// What the command line adds to any scenario.
    private static let ours = ["driver", "run"]

    var name: String?
    var topics = 0
    var partitionsPerTopic = 1
    var keyDistributor = "NO_KEY"
    var messageSize = 0
    var usesRandomizedPayloads = false
    var randomBytesRatio = 0.0
    var payloadPoolSize = 0
    var payloadFile: ScenarioNode?
    var subscriptionsPerTopic = 0
    var producersPerTopic = 0
    var consumersPerSubscription = 0
    var producerRate = 0.0
    /// Minutes from the start, and the rate from then on.
    var producerRates: [(minutes: Double, rate: Double)] = []
    var backlogGigabytes = 0.0
    var testMinutes = 0.0
    var warmupMinutes = 1.0

    /// Whether a file is such a workload and not one of our scenarios.
    static func isWorkload(_ tree: ScenarioNode) -> Bool {
        guard tree["gyre"] == nil else { return false }
        let telling = [
            "producerRate", "messageSize", "partitionsPerTopic", "producersPerTopic",
            "subscriptionsPerTopic", "consumerPerSubscription",
        ]
        return telling.contains { tree[$0] != nil }
    }

    init(_ tree: ScenarioNode, findings: Findings) {
        let fields = OMBFields(tree: tree, findings: findings)
        name = tree["name"]?.text
        topics = fields.whole("topics") ?? 0
        partitionsPerTopic = fields.whole("partitionsPerTopic") ?? 0
        messageSize = fields.whole("messageSize") ?? 0
        usesRandomizedPayloads = fields.flag("useRandomizedPayloads") ?? false
        randomBytesRatio = fields.number("randomBytesRatio") ?? 0
        payloadPoolSize = fields.whole("randomizedPayloadPoolSize") ?? 0
        payloadFile = tree["payloadFile"].flatMap { $0.isMissing ? nil : $0 }
        subscriptionsPerTopic = fields.whole("subscriptionsPerTopic") ?? 0
        producersPerTopic = fields.whole("producersPerTopic") ?? 0
        consumersPerSubscription = fields.whole("consumerPerSubscription") ?? 0
        producerRate = fields.number("producerRate") ?? 0
        producerRates = fields.rates("producerRateList")
        backlogGigabytes = fields.number("consumerBacklogSizeGB") ?? 0
        testMinutes = fields.number("testDurationMinutes") ?? 0
        warmupMinutes = fields.number("warmupDurationMinutes") ?? 1
        readKeys(tree, findings)
        noteOthers(tree, findings)
    }

    private mutating func readKeys(_ tree: ScenarioNode, _ findings: Findings) {
        guard let node = tree["keyDistributor"], let text = node.text, !node.isMissing else {
            return
        }
        if Self.keyDistributors.contains(text) {
            keyDistributor = text
        } else {
            findings.note(
                "keyDistributor \(quoted(text)) is unknown: events get no key, as in OMB",
                at: node.position
            )
        }
    }

    private func noteOthers(_ tree: ScenarioNode, _ findings: Findings) {
        for entry in tree.entries ?? [] where !Self.ours.contains(entry.key) {
            if Self.idle.contains(entry.key) {
                findings.note("\(quoted(entry.key)) changes nothing here", at: entry.position)
            } else if !Self.known.contains(entry.key) {
                findings.note(
                    "field \(quoted(entry.key)) is unknown and ignored, as in OMB",
                    at: entry.position
                )
            }
        }
    }
}

/// Reads plain numbers the way Jackson does, but with positions.
struct OMBFields {
    let tree: ScenarioNode
    let findings: Findings

    /// Larger numbers than these in a workload are slips.
    private static let largest = 1e12

    func whole(_ key: String) -> Int? {
        guard let number = number(key) else { return nil }
        guard number == number.rounded() else {
            findings.error("\(quoted(key)) is a whole number", at: tree.position(of: [key]))
            return nil
        }
        return Int(number)
    }

    func number(_ key: String) -> Double? {
        guard let node = tree[key], !node.isMissing else { return nil }
        return number(node, key)
    }

    func flag(_ key: String) -> Bool? {
        guard let node = tree[key], !node.isMissing else { return nil }
        return node.readFlag(key, findings)
    }

    func rates(_ key: String) -> [(minutes: Double, rate: Double)] {
        guard let node = tree[key], !node.isMissing else { return [] }
        var rates: [(minutes: Double, rate: Double)] = []
        for item in node.items ?? [] {
            let numbers = (item.items ?? []).compactMap { number($0, key) }
            guard numbers.count == 2, numbers.count == item.items?.count else {
                findings.note(
                    "\(quoted(key)) is used in the form [minutesFromStart, rate] alone; ignored",
                    at: item.position
                )
                return []
            }
            rates.append((numbers[0], numbers[1]))
        }
        return rates
    }

    private func number(_ node: ScenarioNode, _ key: String) -> Double? {
        if node.items != nil {
            findings.error(
                "\(quoted(key)) is a list: this is a template of OMB's workload generator; "
                    + "give it one value",
                at: node.position
            )
            return nil
        }
        // Java allows digits to be grouped.
        let text = node.text?.replacing("_", with: "") ?? ""
        do throws(QuantityProblem) {
            let number = try Quantity.number(text)
            guard number <= Self.largest else { throw QuantityProblem(reason: "is too large") }
            return number
        } catch {
            findings.error("\(quoted(key)): \(node.shown) \(error.reason)", at: node.position)
            return nil
        }
    }
}
