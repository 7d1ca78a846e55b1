import Clients
import Foundation
import Scenarios
import Testing
import Workloads

@Suite("Scenario files of the repository")
struct ScenarioFilesTests {
    @Test("every scenario plans without warning", arguments: try Repository.scenarioFiles)
    func plans(path: String) throws {
        let reading = ScenarioFile.read(path: path, limits: roomy)
        #expect(reading.plan != nil)
        #expect(reading.diagnostics.filter { $0.severity != .note }.map(\.description) == [])
    }

    @Test(
        "every scenario still plans when CI shortens it",
        arguments: try Repository.scenarioFiles + Repository.failingFiles
    )
    func plansShortened(path: String) throws {
        let overrides = Overrides(settings: ["run.duration=1s"])
        // Its crash comes three seconds into the run.
        guard !path.hasSuffix("orders-late-and-twice.yaml") else { return }
        let plan = try ScenarioFile.load(path: path, overrides: overrides, limits: roomy)
        #expect(plan.phases.duration == .seconds(1))
    }

    @Test(
        "every scenario begins with a question and is named like its file",
        arguments: try Repository.scenarioFiles + Repository.failingFiles
    )
    func asks(path: String) throws {
        let plan = try ScenarioFile.load(path: path, limits: roomy)
        #expect(plan.summary.contains("?"))
        #expect(path.hasSuffix("/\(plan.name).yaml"))
    }

    @Test(
        "every must-fail scenario says how it fails and warns",
        arguments: try Repository.failingFiles
    )
    func mustFail(path: String) throws {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let expected = try #require(MustFail(firstLineOf: text))
        #expect([1, 4].contains(expected.exitCode))
        #expect((expected.anomaly != nil) == (expected.exitCode == 1))
        let reading = ScenarioFile.read(path: path, limits: roomy)
        #expect(reading.plan != nil)
        #expect(reading.diagnostics.contains { $0.severity == .warning })
    }

    @Test(
        "no scenario of the repository outruns two slow cores",
        arguments: try Repository.scenarioFiles
    )
    func modestRates(path: String) throws {
        let plan = try ScenarioFile.load(path: path, limits: roomy)
        // The one that measures how much there is to be had; a closed loop outruns nobody.
        if path.hasSuffix("/ring-throughput.yaml") { return }
        for producer in plan.producers { #expect(producer.arrivals.isOpenLoop) }
        let json = String(decoding: try JSONEncoder().encode(PlanDescription(plan)), as: UTF8.self)
        #expect(json.contains("expectedEvents"))
    }

    @Test("the sample of the format is the scenario of that name")
    func sample() throws {
        let path = Repository.scenarios + "/orders-late-and-twice.yaml"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(
            text.hasPrefix("gyre: 1                           # format version\n# Does billing")
        )
    }

    @Test("a folder is its YAML files in order, a file is itself, nothing is an error")
    func folders() throws {
        let files = try ScenarioFile.find(in: Repository.scenarios + "/")
        #expect(files == files.sorted())
        #expect(files.contains(Repository.scenarios + "/quickstart.yaml"))
        #expect(!files.contains { $0.contains("must-fail") })
        #expect(try ScenarioFile.find(in: files[0]) == [files[0]])
        #expect(throws: ScenarioErrors.self) { try ScenarioFile.find(in: "/nonexistent") }
        #expect(throws: ScenarioErrors.self) {
            try ScenarioFile.find(in: Repository.root + "/Tests")
        }
    }
}
