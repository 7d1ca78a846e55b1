/// Types begin with a sentence that says what they are.
enum Documentation {
    static func violations(in source: SourceText) -> [Violation] {
        let declaration =
            /^(?:public |package )?(?:final |indirect )?(?:struct|class|enum|actor|protocol) (\w+)/
        return source.code.enumerated().compactMap { index, line in
            guard line.utf8.first ?? 32 != 32 else { return nil }
            guard let match = line.firstMatch(of: declaration) else { return nil }
            var above = index - 1
            while above >= 0, source.lines[above].hasPrefix("@") { above -= 1 }
            if above >= 0, source.lines[above].hasPrefix("//") { return nil }
            return source.violation(index, "no comment says what \(match.1) is")
        }
    }
}
