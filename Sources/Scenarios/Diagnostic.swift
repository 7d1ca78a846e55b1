/// Something to say about a scenario, with the place that it is about.
public struct Diagnostic: Hashable, Sendable, CustomStringConvertible {
    /// How serious it is.
    public enum Severity: String, Hashable, Sendable, CaseIterable {
        /// The scenario cannot run.
        case error
        /// It runs, but probably not as hoped.
        case warning
        /// Worth knowing.
        case note
    }

    /// How serious it is.
    public var severity: Severity
    /// Where it was found.
    public var position: Position
    /// What is wrong, with the offending text and, where there is one, the way out.
    public var message: String

    /// Makes a diagnostic.
    public init(_ severity: Severity, at position: Position, _ message: String) {
        self.severity = severity
        self.position = position
        self.message = message
    }

    /// One line, such as `x.yaml:12:9: error: unknown key 'capcity'; did you mean 'capacity'?`.
    public var description: String {
        "\(position): \(severity.rawValue): \(message)"
    }

    /// The same for a reader who knows the file: `warning: … (line 12)`.
    public var remark: String {
        guard position.line > 0 else { return "\(severity.rawValue): \(message)" }
        return "\(severity.rawValue): \(message) (line \(position.line))"
    }
}

/// A place in a scenario file or on the command line.
public struct Position: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The file's path, or the argument as it was typed.
    public var source: String
    /// From 1; 0 if the whole source is meant.
    public var line: Int
    /// From 1, in Unicode scalars; 0 if the whole source is meant.
    public var column: Int

    /// Makes a position; without line and column it means the whole source.
    public init(source: String, line: Int = 0, column: Int = 0) {
        self.source = source
        self.line = line
        self.column = column
    }

    /// `scenarios/x.yaml:12:9`, or the source alone.
    public var description: String {
        line > 0 ? "\(source):\(line):\(column)" : source
    }

    /// By source, then line, then column.
    public static func < (left: Position, right: Position) -> Bool {
        (left.source, left.line, left.column) < (right.source, right.line, right.column)
    }
}

/// Everything that keeps a scenario from running, all at once.
public struct ScenarioErrors: Error, Hashable, Sendable, CustomStringConvertible {
    /// The errors, and the warnings and notes found on the way, by position.
    public var diagnostics: [Diagnostic]

    /// Makes an error of what was found.
    public init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    /// One diagnostic a line.
    public var description: String {
        diagnostics.map(\.description).joined(separator: "\n")
    }
}
