/// Text for a terminal that cannot be hijacked by hostile names, in columns.
enum TerminalText {
    /// The widest line of a report.
    static let width = 100

    /// `text` on one line: controls and direction marks escaped, cut to `limit` characters.
    static func printable(_ text: String, limit: Int = width) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate,
                .privateUse, .unassigned:
                safe += scalar.escaped(asASCII: true)
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe.count <= limit ? safe : safe.prefix(max(1, limit) - 1) + "…"
    }

    /// `text` on as many lines as needed, each after `indent` spaces and within the width.
    static func wrapped(_ text: String, indent: Int) -> [String] {
        let room = width - indent
        var lines: [String] = []
        var line = ""
        for word in printable(text, limit: .max).split(separator: " ") {
            var word = String(word)
            if !line.isEmpty, line.count + 1 + word.count > room {
                lines.append(line)
                line = ""
            }
            while word.count > room {
                lines.append(String(word.prefix(room)))
                word = String(word.dropFirst(room))
            }
            line += (line.isEmpty ? "" : " ") + word
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { String(repeating: " ", count: indent) + $0 }
    }

    /// One character a value: its height in eighths of the greatest.
    static func sparkline(_ values: [Double], width: Int) -> String {
        let bars: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        guard let highest = averaged(values, width: width).max(), highest > 0 else { return "" }
        return String(
            averaged(values, width: width).map { value in
                value <= 0 ? " " : bars[min(7, Int(value / highest * 7.999))]
            }
        )
    }

    /// At most `width` means of neighbouring values.
    private static func averaged(_ values: [Double], width: Int) -> [Double] {
        guard values.count > width else { return values }
        return (0..<width).map { place in
            let part = values[place * values.count / width..<(place + 1) * values.count / width]
            return part.reduce(0, +) / Double(part.count)
        }
    }
}

/// Rows of cells in aligned columns; where they do not fit, the widest columns give way.
struct TerminalTable {
    /// On which side of its column a cell stands.
    enum Alignment {
        case left
        case right
    }

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ alignments: [Alignment]) {
        self.alignments = alignments
    }

    mutating func append(_ cells: [String]) {
        precondition(cells.count == alignments.count, "a row has a cell for each column")
        rows.append(cells.map { TerminalText.printable($0) })
    }

    /// The lines, each after two spaces and within the width.
    var lines: [String] {
        var widths = alignments.indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        var excess = 2 + widths.reduce(0, +) + 2 * (widths.count - 1) - TerminalText.width
        while excess > 0, let widest = widths.indices.max(by: { widths[$0] < widths[$1] }) {
            widths[widest] -= 1
            excess -= 1
        }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let text = TerminalText.printable(cell, limit: widths[column])
                let gap = String(repeating: " ", count: widths[column] - text.count)
                return alignments[column] == .left ? text + gap : gap + text
            }
            let line = "  " + cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}
