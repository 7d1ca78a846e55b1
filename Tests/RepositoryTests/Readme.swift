/// The commands of a README, read from its `sh` blocks.
struct Readme {
    /// Every line of the blocks, without the texts that a command reads from the block.
    let commands: [String]
    /// What the commands write, so that it need not be in the repository.
    let written: Set<String>
    private let text: String

    init(_ text: String) {
        self.text = text
        var commands: [String] = []
        var isShell = false
        var end: Substring?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let mark = end {
                if line == mark { end = nil }
            } else if line.hasPrefix("```") {
                isShell = line == "```sh"
            } else if isShell, !line.isEmpty {
                commands.append(String(line))
                end = line.firstMatch(of: /<<'(\w+)'/)?.1
            }
        }
        self.commands = commands
        written = Set(
            commands.compactMap { $0.firstMatch(of: />\s*(\S+)/).map { String($0.1) } }
        )
    }

    /// What `gyre` is called with, a call each; what stands in quotes is one word of no interest.
    var calls: [[String]] {
        commands.map { $0.replacing(/"[^"]*"/, with: "quoted") }
            .flatMap { $0.matches(of: /(?:^|&& |\brelease )gyre ([^|&;]+)/) }
            .map { $0.1.split(separator: " ").map(String.init) }
    }

    /// Files of the repository that commands or the text name.
    var files: Set<String> {
        let names = text.matches(of: /(?:scenarios|Tests|Sources|results|Benchmarks)\/[\w.\/-]*\w/)
        return Set(names.map { String($0.0) }).subtracting(written)
    }

    /// The calls whose subcommand or flag is unknown to the program whose help is given.
    func unknown(help: (String) throws -> String) rethrows -> [String] {
        try calls.compactMap { call in
            guard let name = call.first else { return "gyre without a subcommand" }
            let known = try help(name)
            let usage = "USAGE: gyre \(name)"
            guard known.contains(usage + " ") || known.contains(usage + "\n") else {
                return "gyre \(name): no such command"
            }
            let flag = call.first { word in
                word.hasPrefix("--")
                    && !Words.contains(String(word.prefix { $0 != "=" }), in: known)
            }
            return flag.map { "gyre \(name): no flag \($0)" }
        }
    }
}
