import Testing

@Suite("Rules that every source file keeps")
struct CodeRulesTests {
    @Test("lines, functions and files are short")
    func sizes() throws {
        let found = try Repository.swift.get().flatMap(Sizes.violations)
        #expect(found.isEmpty, "\(found.report)")
    }

    @Test("every unsafe expression and every unchecked type says why it is right")
    func safety() throws {
        let found = try Repository.swift.get().flatMap(Unsafety.violations)
        #expect(found.isEmpty, "\(found.report)")
    }

    @Test("no file has a banned word")
    func words() throws {
        let found = try Repository.swift.get()
            .filter { $0.module != "RepositoryTests" }
            .flatMap { Words.violations(in: $0) }
        #expect(found.isEmpty, "\(found.report)")
    }

    @Test("imports point up the list of modules, and drivers keep apart")
    func layers() throws {
        let layering = Layering(manifest: try Repository.text("Package.swift"))
        #expect(layering.modules.first == "CGyreShims")
        #expect(layering.modules.last == "gyre")
        let found = try Repository.sources().flatMap(layering.violations)
        #expect(found.isEmpty, "\(found.report)")
    }

    @Test("modules keep away from files, clocks and chance")
    func bans() throws {
        let sources = try Repository.sources()
        let found = ModuleBan.all.flatMap { ban in sources.flatMap(ban.violations) }
        #expect(found.isEmpty, "\(found.report)")
    }

    @Test("types say what they are")
    func documentation() throws {
        let found = try Repository.sources().flatMap(Documentation.violations)
        #expect(found.isEmpty, "\(found.report)")
    }
}
