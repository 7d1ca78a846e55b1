import Foundation
import Scenarios
import Testing

@Suite("Scenario files of the repository")
struct ScenarioFilesTests {
    @Test("every scenario plans", arguments: try Repository.scenarioFiles)
    func plans(path: String) throws {
        let plan = try ScenarioFile.load(path: path, limits: roomy)
    }

    @Test("every must-fail scenario plans", arguments: try Repository.failingFiles)
    func mustFail(path: String) throws {
        let plan = try ScenarioFile.load(path: path, limits: roomy)
    }

    @Test("omb", arguments: try ScenarioFile.find(in: Repository.workloads ?? ""))
    func omb(path: String) throws {
        let plan = try ScenarioFile.load(path: path, limits: roomy)
            plan.topics.count,
            plan.groups.count,
            plan.producers.count,
            plan.topics[0],
            plan.phases,
            plan.backlogBytes,
            plan.producers[0]
        )
    }
}
