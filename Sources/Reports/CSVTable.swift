/// Rows of comma-separated values as RFC 4180 has them: CR LF line ends, quotes where needed.
struct CSVTable {
    private let width: Int
    /// What has been written until now.
    private(set) var text = ""

    /// A table that begins with its header.
    init(header: [String]) {
        width = header.count
        append(header)
    }

    /// Adds a row, which has as many fields as the header.
    mutating func append(_ fields: [String]) {
        precondition(fields.count == width, "a row has as many fields as the header")
        text += fields.map(Self.field).joined(separator: ",") + "\r\n"
    }

    private static func field(_ text: String) -> String {
        // By scalars: the Character CR LF equals neither CR nor LF.
        let needsQuotes = text.unicodeScalars.contains { [",", "\"", "\r", "\n"].contains($0) }
        guard needsQuotes else { return text }
        var quoted = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { quoted.unicodeScalars.append("\"") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}
