import Foundation
import Testing

@Suite("Layout of the repository")
struct LayoutTests {
    @Test("nothing but the agreed names is at the top")
    func topLevel() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Repository.root)
        #expect(Layout.strangers(among: names) == [])
        #expect(names.contains("Package.swift"))
    }

    @Test("a stranger at the top is noticed")
    func stranger() {
        let names = [".build", "README.md", "NOTES.md", "scripts"]
        #expect(Layout.strangers(among: names) == ["NOTES.md", "scripts"])
    }

    @Test(
        "no file is above 256 KiB",
        arguments: ["Sources", "Tests", "Benchmarks", "scenarios", "results/published"]
    )
    func fileSizes(folder: String) throws {
        for path in try Repository.files(under: folder) {
            let bytes = try Repository.bytes(path)
            #expect(bytes <= Layout.largestFileBytes, "\(path): \(bytes) bytes")
        }
    }

    @Test("CI's entry point can be run")
    func entryPoint() {
        let path = Repository.root + "/.ci/run"
        #expect(FileManager.default.isExecutableFile(atPath: path))
    }

    @Test("every scenario begins with its question, and those that must fail say how")
    func scenarios() throws {
        let files = try Repository.files(under: "scenarios", suffix: ".yaml")
        #expect(files.contains("scenarios/quickstart.yaml"))
        let found = try files.flatMap {
            Layout.scenarioViolations(path: $0, try Repository.text($0))
        }
        #expect(found.isEmpty, "\(found.report)")
    }

    @Test(
        "a scenario's top is checked",
        arguments: [
            ("scenarios/a.yaml", "# Does it?\ngyre: 1\n", 0),
            ("scenarios/a.yaml", "gyre: 1 # format\n# Does it?\n", 0),
            ("scenarios/a.yaml", "gyre: 1\n", 1),
            ("scenarios/a.yaml", "# It does.\ngyre: 1\n", 1),
            ("scenarios/must-fail/a.yaml", "# must-fail: exit=4\n# Does it?\n", 0),
            ("scenarios/must-fail/a.yaml", "# must-fail: exit=1 anomaly=A4 side=broker\n# A?", 0),
            ("scenarios/must-fail/a.yaml", "# must-fail: exit=0\n# Does it?\n", 1),
            ("scenarios/must-fail/a.yaml", "# must-fail: exit=1 anomaly=A4\n# Does it?\n", 1),
            ("scenarios/must-fail/a.yaml", "# Does it?\ngyre: 1\n", 2),
        ]
    )
    func scenarioTop(path: String, text: String, count: Int) {
        #expect(Layout.scenarioViolations(path: path, text).count == count)
    }
}
