/// Where `// SAFETY:` has to say why something that the compiler cannot check is right.
enum Unsafety {
    /// How far above an expression its comment may stand.
    static let reach = 14

    static func violations(in source: SourceText) -> [Violation] {
        guard source.mentions("unsafe") || source.mentions("@unchecked") else { return [] }
        return source.code.indices.compactMap { index in
            if hasUnsafeExpression(source.code[index]), !isCovered(index, in: source) {
                return source.violation(index, "'unsafe' without a '// SAFETY:' comment above it")
            }
            if isUncheckedDeclaration(source.code[index]), !isArgued(index, in: source) {
                return source.violation(index, "no 'SAFETY:' comment says why this may be shared")
            }
            return nil
        }
    }

    /// Whether a line has the expression marker, not the attribute.
    private static func hasUnsafeExpression(_ line: String) -> Bool {
        guard line.contains("unsafe ") else { return false }
        let rest = line.replacing("@unsafe", with: "").replacing("nonisolated(unsafe)", with: "")
        return Words.contains("unsafe", in: rest)
    }

    private static func isUncheckedDeclaration(_ line: String) -> Bool {
        line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)")
    }

    /// A comment above the expression, in its block or one around it, inside the same declaration;
    /// or the declaration is `@unsafe`, so that its callers owe the reason.
    private static func isCovered(_ index: Int, in source: SourceText) -> Bool {
        var indent = SourceText.indent(of: source.lines[index])
        if isComment(source.lines[index]) { return true }
        var declaration: Int? = opensDeclaration(source.code[index]) ? index : nil
        var above = index - 1
        while above >= max(0, index - reach), declaration == nil {
            let line = source.lines[above]
            let isShallow = SourceText.indent(of: line) <= indent
            if isShallow, isComment(line) { return true }
            if isShallow, !line.allSatisfy(\.isWhitespace) {
                indent = SourceText.indent(of: line)
                if opensDeclaration(source.code[above]), above < index { declaration = above }
            }
            above -= 1
        }
        guard let declaration else { return false }
        return hasAttribute(declaration, in: source, ofSameLine: declaration == index)
    }

    /// Looks at what stands directly above a declaration: attributes and comments.
    private static func hasAttribute(
        _ index: Int,
        in source: SourceText,
        ofSameLine: Bool
    ) -> Bool {
        if source.code[index].contains("@unsafe") { return true }
        var above = index - 1
        while above >= 0 {
            let line = source.lines[above].drop { $0 == " " }
            guard line.hasPrefix("@") || line.hasPrefix("//") else { return false }
            if line.hasPrefix("@unsafe") || ofSameLine && isComment(String(line)) { return true }
            above -= 1
        }
        return false
    }

    private static func opensDeclaration(_ line: String) -> Bool {
        line.contains(/\b(?:func |deinit\b|subscript[(<]|(?:struct|class|enum|extension) \w)/)
            || line.contains(/^\s*(?:@?\w+(?:\([^)]*\))? )*(?:init[?(<]|var \w+.*\{)/)
    }

    /// The reason may also stand inside the type, above what is shared.
    private static func isArgued(_ index: Int, in source: SourceText) -> Bool {
        source.lines[max(0, index - 8)...min(index + 4, source.lines.count - 1)]
            .contains(where: isComment)
    }

    private static func isComment(_ line: String) -> Bool {
        line.contains("// SAFETY:") || line.contains("/// SAFETY:")
    }
}
