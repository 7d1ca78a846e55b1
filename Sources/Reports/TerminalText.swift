/// Text for a terminal that cannot be hijacked by hostile names, in columns.
enum TerminalText {
    /// The widest line of a report, and that of one that goes to no terminal.
    static let widthMax = 100
    /// Terminals that claim less are not believed.
    static let widthMin = 20

    /// `text` on one line: controls and direction marks escaped, cut to `limit` characters.
    static func printable(_ text: String, limit: Int = widthMax) -> String {
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

    /// `text` on as many lines as needed, each after `indent` spaces and within `width` columns.
    ///
    /// All lines but the first have `hanging` more spaces.
    static func wrapped(
        _ text: String,
        indent: Int,
        width: Int,
        hanging: Int = 0
    ) -> [String] {
        let room = width - indent - hanging
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
        return lines.enumerated().map { place, line in
            String(repeating: " ", count: place == 0 ? indent : indent + hanging) + line
        }
    }

    /// The words of a command as a shell reads them; never cut, as it is there to be copied.
    static func shellCommand(_ words: [String]) -> String {
        printable(words.map(quoted).joined(separator: " "), limit: .max)
    }

    /// One word of a shell command, quoted if it has to be.
    private static func quoted(_ word: String) -> String {
        let plain = word.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar
                    || "-_./=:,@%+".unicodeScalars.contains(scalar))
        }
        guard !plain || word.isEmpty else { return word }
        return "'"
            + word.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
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
