import Foundation
import Testing

/// Whether brokers that break the total order are found out, from the command line.
@Suite(.serialized)
struct TotalOrderRunTests {
    let place: Workspace

    init() throws {
        place = try Workspace()
        try place.write(Self.scenario, to: "trades.yaml")
    }

    private static let scenario = """
        # One order for all?
        gyre: 1
        name: trades
        topics: [{ name: trades, partitions: 1, capacity: 4096 }]
        producers:
          - { name: desk, topic: trades, count: 3, rate: { total: 900/s }, payload: 64B }
        consumers:
          - { name: ledger, topic: trades }
          - { name: risk, topic: trades }
        expect:
          broker: { delivery: at-least-once, ordering: total }
        run: { warmup: 200ms, duration: 1500ms, drain: 5s, seed: 1 }

        """

    private func run(_ arguments: [String]) async throws -> (Gyre.Outcome, [String]) {
        let outcome = try await Gyre.run(["run", "trades.yaml"] + arguments, in: place)
        let record = try place.record(of: try place.onlyRun())
        let checks = try #require(record["checks"] as? [[String: Any]])
        let violated = checks.filter { $0["verdict"] as? String == "violated" }
        return (outcome, violated.compactMap { $0["id"] as? String })
    }

    private static func broker(_ defect: String) -> [String] {
        let command = PythonBrokers.command("faulty_broker.py --defect \(defect) --rate 0.3")
        return ["--driver", "subprocess", "--set", "driver.command=\(command)"]
    }

    @Test("the ring shows several producers' events to all groups in the order of sending")
    func ring() async throws {
        let (outcome, violated) = try await run(["--history", "full"])
        #expect(outcome.code == 0, "\(outcome.everything)")
        #expect(violated.isEmpty)
        let history = try place.onlyRun() + "/history.jsonl"
        let again = try await Gyre.run(
            ["check", history, "--ordering", "total", "--format", "json"],
            in: place
        )
        #expect(again.code == 0, "\(again.everything)")
    }

    @Test(
        "a broker that gives up the order of sending is convicted",
        .enabled(if: PythonBrokers.canRun, "needs python3")
    )
    func sendOrder() async throws {
        let (outcome, violated) = try await run(Self.broker("swap-senders"))
        #expect(outcome.code == 1, "\(outcome.everything)")
        #expect(violated.contains("A12"), "\(outcome.everything)")
    }

    @Test(
        "a broker that shows one group an order of its own is convicted, with both events",
        .enabled(if: PythonBrokers.canRun, "needs python3")
    )
    func twoOrders() async throws {
        let (outcome, violated) = try await run(Self.broker("split-order"))
        #expect(outcome.code == 1, "\(outcome.everything)")
        #expect(violated.contains("A15"), "\(outcome.everything)")
    }
}
