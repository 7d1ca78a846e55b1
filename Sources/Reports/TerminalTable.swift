/// Rows of cells in aligned columns.
///
/// Where they do not fit, the space between them gives way, and then the widest columns of words;
/// numbers are never cut. Where that does not help either, each row becomes a paragraph.
struct TerminalTable {
    /// On which side of its column a cell stands: words on the left, numbers on the right.
    enum Alignment {
        case left
        case right
    }

    /// Columns of words are cut to this at most.
    private static let narrowestColumn = 8

    private let alignments: [Alignment]
    private var rows: [[String]] = []

    init(_ alignments: [Alignment]) {
        self.alignments = alignments
    }

    mutating func append(_ cells: [String]) {
        precondition(cells.count == alignments.count, "a row has a cell for each column")
        rows.append(cells.map { TerminalText.printable($0) })
    }

    /// A blank line between the rows before and those that follow.
    mutating func appendGap() { rows.append(alignments.map { _ in "" }) }

    /// The lines, each after two spaces and within `width` columns; the first row is the header.
    func lines(width: Int) -> [String] {
        for (space, cutsWords) in [(2, false), (1, false), (2, true), (1, true)] {
            if let widths = columnWidths(within: width, space: space, cutsWords: cutsWords) {
                return lines(widths, space: space)
            }
        }
        return paragraphs(width: width)
    }

    private func lines(_ widths: [Int], space: Int) -> [String] {
        rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let text = TerminalText.printable(cell, limit: widths[column])
                let gap = String(repeating: " ", count: widths[column] - text.count)
                return alignments[column] == .left ? text + gap : gap + text
            }
            let line = "  " + cells.joined(separator: String(repeating: " ", count: space))
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }

    /// How wide each column is; `nil` if they do not fit.
    private func columnWidths(within width: Int, space: Int, cutsWords: Bool) -> [Int]? {
        var widths = alignments.indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        var excess = 2 + widths.reduce(0, +) + space * (widths.count - 1) - width
        while excess > 0 {
            guard cutsWords else { return nil }
            let words = widths.indices.filter { column in
                alignments[column] == .left && widths[column] > Self.narrowestColumn
            }
            guard let widest = words.max(by: { widths[$0] < widths[$1] }) else { return nil }
            widths[widest] -= 1
            excess -= 1
        }
        return widths
    }

    /// Each row but the header as text, numbers after the names of their columns.
    private func paragraphs(width: Int) -> [String] {
        guard let header = rows.first else { return [] }
        return rows.dropFirst().flatMap { row in
            guard !row.allSatisfy(\.isEmpty) else { return [""] }
            let words = row.indices.filter { alignments[$0] == .left }.map { row[$0] }
            let numbers = row.indices.filter { alignments[$0] == .right }.map { column in
                header[column].isEmpty ? row[column] : "\(header[column]) \(row[column])"
            }
            let parts = [words.filter { !$0.isEmpty }.joined(separator: " ")] + numbers
            return TerminalText.wrapped(
                parts.joined(separator: ", "),
                indent: 2,
                width: width,
                hanging: 4
            )
        }
    }
}
