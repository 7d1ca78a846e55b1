import ArgumentParser
import Foundation
import Histories
import HistoryChecks
import Messaging

/// Judges recorded histories.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judges recorded histories.",
        discussion: """
            With --format json one line a file: {"file", "valid", "anomalies", "unknown"}. \
            The worst file decides the exit code.
            """
    )

    @Argument(help: "History files, JSON lines.")
    var histories: [String]

    @Option(help: "What the history is of: delivery.")
    var model = HistoryModel.delivery

    @Option(help: "What is printed: table or json.")
    var format = OutputFormat.table

    @Option(help: ArgumentHelp("How long the broker waited for answers.", valueName: "200ms"))
    var lease: String?

    @Option(help: "What the broker must keep: at-least-once, at-most-once or none.")
    var delivery: DeliveryDemand?

    @Option(help: "")
    var ordering: OrderingDemand?

    @Option(help: "What the handlers must keep: exactly-once, at-least-once, at-most-once, none.")
    var effect: EffectDemand?

    func run() throws {
        let settings = try settings()
        var exits: [GyreExit] = []
        for path in histories { exits.append(try check(path, settings)) }
        let worst = GyreExit.worst(exits)
        guard worst == .held else { throw worst.code }
    }

    private func settings() throws -> HistorySettings {
        var settings = HistorySettings.assumed
        settings.expectations.delivery = delivery?.expectation
        settings.expectations.ordering = ordering?.expectation
        settings.expectations.effect = effect?.expectation
        if let lease {
            guard let length = PlanningOptions.duration(lease) else {
                throw ValidationError("--lease \(lease): a duration such as 200ms is needed")
            }
            settings.leaseNanoseconds = length.wholeNanoseconds
        }
        return settings
    }

    private func check(_ path: String, _ settings: HistorySettings) throws -> GyreExit {
        var reader = HistoryReader()
        var history = DeliveryHistory(settings: settings)
        do throws(HistoryError) {
            try reader.readFile(path) { history.feed($0) }
        } catch {
            if case .unreadable = error {
                Console.complain("error: \(error)")
            } else {
                Console.complain("error: \(path): \(error)")
            }
            return .usage
        }
        let results = history.judge()
        let verdict = HistoryVerdict(file: path, results: results, names: reader.names)
        switch format {
        case .json: Console.print(try verdict.line)
        case .table: Console.print(Self.table(path, results))
        }
        if results.contains(where: \.isViolation) { return .violated }
        return results.contains(where: \.isInconclusive) ? .inconclusive : .held
    }

    private static func table(_ path: String, _ results: [CheckResult]) -> String {
        var lines = ["\(path): \(word(for: results))"]
        for result in results {
            let demand = result.isRequired ? "" : " (not required)"
            let name = "\(result.guarantee.id) \(result.guarantee.title):"
            switch result.verdict {
            case .valid(let cases):
                lines.append("  \(name) held in \(cases) cases\(demand)")
            case .unknown(let reason):
                lines.append("  \(name) unknown: \(reason)\(demand)")
            case .violated(let anomalies, let total):
                lines.append("  \(name) violated \(total) times\(demand)")
                for anomaly in anomalies.prefix(3) {
                    lines.append("    \(anomaly.name), by \(anomaly.blame): \(anomaly.detail)")
                }
            }
        }
        return lines.joined(separator: "\n")
    }

    private static func word(for results: [CheckResult]) -> String {
        if results.contains(where: \.isViolation) { return "violated" }
        return results.contains(where: \.isInconclusive) ? "unknown" : "valid"
    }
}

/// The models that histories can be judged by.
enum HistoryModel: String, ExpressibleByArgument, CaseIterable {
    case delivery
}

/// What `--delivery` can be.
enum DeliveryDemand: String, ExpressibleByArgument, CaseIterable {
    case atLeastOnce = "at-least-once"
    case atMostOnce = "at-most-once"
    case none

    var expectation: Expectations.BrokerDelivery? { .init(rawValue: rawValue) }
}

/// What `--ordering` can be.
enum OrderingDemand: String, ExpressibleByArgument, CaseIterable {
    case perKey = "per-key"
    case perProducer = "per-producer"
    case total
    case none

    var expectation: Expectations.BrokerOrdering? { .init(rawValue: rawValue) }
}

/// What `--effect` can be.
enum EffectDemand: String, ExpressibleByArgument, CaseIterable {
    case exactlyOnce = "exactly-once"
    case atLeastOnce = "at-least-once"
    case atMostOnce = "at-most-once"
    case none

    var expectation: Expectations.Effect? { .init(rawValue: rawValue) }
}
