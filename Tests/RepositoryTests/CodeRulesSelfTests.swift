import Testing

/// Each rule on a text that breaks it and on one that keeps it.
@Suite("The rules notice what breaks them")
struct CodeRulesSelfTests {
    private func text(_ lines: String, at path: String = "Sources/Messaging/X.swift") -> SourceText
    {
        SourceText(path: path, lines)
    }

    @Test(
        "comments and strings are no code, interpolations are",
        arguments: [
            ("let a = 1 // try!", "let a = 1        "),
            ("let a = \"try!\" + b", "let a = \"    \" + b"),
            (#"f("a \(try! x("y")) b")"#, #"f("  \(try! x(" "))  ")"#),
            (##"let r = #"a"b\(c)"# + d"##, ##"let r = #"       "# + d"##),
            (#"let q = "\"" + e"#, #"let q = "  " + e"#),
            ("\"\"\"\ntry! \"x\"\n\"\"\" + f", "\"\"\"\n        \n\"\"\" + f"),
            ("let s = \"//\"; g()", "let s = \"  \"; g()"),
        ]
    )
    func blanking(input: String, code: String) {
        #expect(Blanking.code(of: input) == code)
    }

    @Test(
        "banned words",
        arguments: [
            ("let x = try! f()", 1), ("let x = try? f()", 1), ("let y = x as! Int", 1),
            ("fatalError()", 1), ("print(x)", 1), ("Thread.sleep(1)", 2), ("usleep(1)", 1),
            ("// TODO: later", 1), ("// FIXME", 1), ("let s = \"try!\"", 0), ("// try! is bad", 0),
            ("blueprint(x)", 0), ("let TODOs = 1", 0), ("try f()", 0), ("x as? Int", 0),
        ]
    )
    func words(line: String, count: Int) {
        #expect(Words.violations(in: text(line)).count == count)
    }

    @Test("the command line may print")
    func printing() {
        let source = text("print(1)", at: "Sources/CommandLineInterface/Console.swift")
        #expect(Words.violations(in: source).isEmpty)
    }

    @Test("a line of 101 columns")
    func longLine() {
        #expect(Sizes.violations(in: text(String(repeating: "é", count: 100))).isEmpty)
        #expect(Sizes.violations(in: text(String(repeating: "é", count: 101))).count == 1)
    }

    @Test("a long line in a literal, but not in a comment")
    func quotedLine() {
        let long = String(repeating: "x", count: 101)
        #expect(Sizes.violations(in: text("let a = \"\"\"\n\(long)\n\"\"\"")).isEmpty)
        #expect(Sizes.violations(in: text("// \(long)")).count == 1)
    }

    @Test(
        "a function of 71 lines",
        arguments: [
            "func f() {", "init(x: Int) {", "deinit {", "subscript(x: Int) -> Int {",
            "public func f(\n    x: () -> Void = {}\n) {",
        ]
    )
    func longFunction(head: String) {
        let own = head.split(separator: "\n").count + 1
        func function(_ count: Int) -> String {
            let body = Array(repeating: "    g()", count: count - own)
            return (["struct S {", head] + body + ["}", "}"]).joined(separator: "\n")
        }
        #expect(Sizes.violations(in: text(function(70))).isEmpty)
        #expect(Sizes.violations(in: text(function(71))).count == 1)
    }

    @Test("requirements without a body and calls of init begin no function")
    func noFunction() {
        let lines = Array(repeating: "    case a", count: 80).joined(separator: "\n")
        let source = "protocol P { func f() }\nenum E {\n\(lines)\n}\nlet x = E.init(y)\n"
        #expect(Sizes.violations(in: text(source)).isEmpty)
    }

    @Test(
        "a file of 401 lines, or of 601 with a reason on top",
        arguments: [
            ("", 400, 0), ("", 401, 1), ("// Because.", 600, 0), ("// Because.", 601, 1),
        ]
    )
    func longFile(top: String, count: Int, violations: Int) {
        let lines = [top] + Array(repeating: "", count: count - 1)
        let source = text(lines.joined(separator: "\n") + "\n")
        #expect(Sizes.violations(in: source).count == violations)
    }

    @Test(
        "unsafe expressions",
        arguments: [
            ("func f() {\n    unsafe p.g()\n}", 1),
            ("func f() {\n    // SAFETY: held.\n    unsafe p.g()\n}", 0),
            ("func f() {\n    // SAFETY: held.\n    if x {\n        unsafe p.g()\n    }\n}", 0),
            ("func f() {\n    if x {\n        // SAFETY: no.\n    }\n    unsafe p.g()\n}", 1),
            ("// SAFETY: of f\nfunc f() {\n    g()\n}\nfunc h() {\n    unsafe p.g()\n}", 1),
            ("// SAFETY: of f\nfunc f() {\n    unsafe p.g()\n}", 1),
            ("@unsafe\nfunc f() {\n    unsafe p.g()\n}", 0),
            ("// SAFETY: held.\ndeinit { unsafe p.g() }", 0),
            ("deinit { unsafe p.g() }", 1),
            ("#expect(unsafe p.g())", 1),
            ("// never unsafe here", 0),
        ]
    )
    func unsafety(lines: String, count: Int) {
        #expect(Unsafety.violations(in: text(lines)).count == count, "\(lines)")
    }

    @Test(
        "unchecked sharing",
        arguments: [
            ("final class C: @unchecked Sendable {}", 1),
            ("nonisolated(unsafe) var x = 1", 1),
            ("// SAFETY: one thread only.\nfinal class C: @unchecked Sendable {}", 0),
            ("final class C: @unchecked Sendable {\n    // SAFETY: locked.\n}", 0),
        ]
    )
    func unchecked(lines: String, count: Int) {
        #expect(Unsafety.violations(in: text(lines)).count == count)
    }

    private let manifest = """
        let sources: [Target] = [
            .target(
                name: "CShims"),
            module("Low", ["CShims"]),
            module("ADriver", ["Low"], path: "Sources/Drivers/ADriver"),
            module("BDriver", ["Low"], path: "Sources/Drivers/BDriver"),
            module(
                "High", ["Low"]),
            .executableTarget(name: "tool", dependencies: ["High"]),
        ]
        let testTargets: [Target] = [tests("LowTests", [])]
        """

    @Test("the manifest's list gives the order")
    func order() {
        let modules = Layering(manifest: manifest).modules
        #expect(modules == ["CShims", "Low", "ADriver", "BDriver", "High", "tool"])
    }

    @Test(
        "imports that point down",
        arguments: [
            ("Sources/Low/X.swift", "import CShims\nimport Foundation", 0),
            ("Sources/Low/X.swift", "internal import High", 1),
            ("Sources/High/X.swift", "public import Low", 0),
            ("Sources/Drivers/BDriver/X.swift", "import ADriver", 1),
            ("Sources/Low/X.swift", "@testable import struct High.S", 1),
            ("Sources/Other/X.swift", "", 1),
            ("Sources/Low/X.swift", "// import High", 0),
        ]
    )
    func layers(path: String, lines: String, count: Int) {
        let found = Layering(manifest: manifest).violations(in: text(lines, at: path))
        #expect(found.count == count)
    }

    @Test(
        "files, clocks and chance where they do not belong",
        arguments: [
            ("Sources/RingCore/X.swift", "import Foundation", 1),
            ("Sources/HistoryChecks/X.swift", "FileManager.default.x()", 1),
            ("Sources/Clients/X.swift", "let now = ContinuousClock.now", 1),
            ("Sources/Workloads/X.swift", "Int.random(in: 0..<1)", 1),
            ("Sources/Scenarios/X.swift", "FileManager.default.x()", 0),
            ("Sources/Runs/X.swift", "let now = ContinuousClock.now", 0),
            ("Sources/Messaging/X.swift", "// FileManager", 0),
        ]
    )
    func bans(path: String, lines: String, count: Int) {
        let source = text(lines, at: path)
        #expect(ModuleBan.all.flatMap { $0.violations(in: source) }.count == count)
    }

    @Test(
        "types without a comment",
        arguments: [
            ("public struct S {", 1), ("/// One.\npublic struct S {", 0),
            ("/// One.\n@frozen\nenum E {", 0), ("private struct S {", 0), ("    struct S {", 0),
        ]
    )
    func documentation(lines: String, count: Int) {
        #expect(Documentation.violations(in: text(lines)).count == count)
    }
}
