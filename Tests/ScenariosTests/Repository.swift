import Foundation
import Scenarios

/// Where the repository's files are, seen from the tests.
enum Repository {
    static let root: String = {
        var folder = URL(fileURLWithPath: #filePath)
        repeat {
            folder.deleteLastPathComponent()
        } while folder.path != "/"
            && !FileManager.default.fileExists(atPath: folder.path + "/Package.swift")
        return folder.path
    }()

    static let scenarios = root + "/scenarios"

    /// OMB's own workload files beside the repository, or in a folder above; `nil` if absent.
    static let workloads: String? = {
        var folder = URL(fileURLWithPath: root)
        while folder.path != "/" {
            folder.deleteLastPathComponent()
            let candidate = folder.path + "/shared/omb"
            if FileManager.default.fileExists(atPath: candidate) { return candidate }
        }
        return nil
    }()

    static var scenarioFiles: [String] {
        get throws { try ScenarioFile.find(in: scenarios) }
    }

    static var failingFiles: [String] {
        get throws { try ScenarioFile.find(in: scenarios + "/must-fail") }
    }
}

/// Room for every test plan, whatever the machine has.
let roomy = PlanLimits(memoryBytes: 4 << 30)

/// The diagnostics of `text` as a file called `x.yaml`.
func read(
    _ text: String,
    overrides: Overrides = Overrides(),
    limits: PlanLimits = roomy
) -> ScenarioFile.Reading {
    ScenarioFile.read(text: text, path: "x.yaml", overrides: overrides, limits: limits)
}
