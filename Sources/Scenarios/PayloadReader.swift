import Foundation
import Workloads

/// Reads what bodies are made of, and how long the longest one is.
struct PayloadReader {
    /// What the 32-bit length in the event header and a machine's patience allow.
    static let largest = 1 << 30
    /// A corpus of lines is held in memory.
    private static let largestCorpus = 64 << 20

    let files: FileFinder
    let findings: Findings

    /// The payload and its longest length in bytes.
    func read(_ node: ScenarioNode) -> (PayloadSource, longest: Int)? {
        if node.text != nil { return fixed(node) }
        let words = ["size", "file", "lines"]
        guard let variant = node.readVariant("payload", words, findings) else { return nil }
        switch variant.key {
        case "size": return size(variant.value)
        case "file": return file(variant.value)
        case "lines": return lines(variant.value)
        default:
            let unavailable = Unavailable.message(for: variant.key, in: .payload)
            let hint = Suggestion.hint(for: variant.key, among: words)
            findings.error(
                unavailable ?? "unknown payload \(quoted(variant.key))\(hint)",
                at: variant.position
            )
            return nil
        }
    }

    private func fixed(_ node: ScenarioNode) -> (PayloadSource, longest: Int)? {
        node.readSize("payload", findings).map { (.fixed(bytes: $0), $0) }
    }

    private func size(_ node: ScenarioNode) -> (PayloadSource, longest: Int)? {
        if node.text != nil { return fixed(node) }
        guard let variant = node.readVariant("size", ["uniform"], findings) else { return nil }
        guard variant.key == "uniform" else {
            findings.error(
                "unknown distribution \(quoted(variant.key)); use uniform",
                at: variant.position
            )
            return nil
        }
        return variant.value.readPair("uniform", "[64B, 4KiB]", findings) {
            $0.readSize("uniform", findings)
        }.map { (.uniform(smallest: $0, largest: $1), $1) }
    }

    private func file(_ node: ScenarioNode) -> (PayloadSource, longest: Int)? {
        guard let (path, size) = files.find(node, what: "file", findings) else { return nil }
        guard size <= Self.largest else {
            findings.error(
                "\(quoted(path)) is \(Figures.bytes(size)) long; a payload has at most "
                    + Figures.bytes(Self.largest),
                at: node.position
            )
            return nil
        }
        return (.file(path: path), size)
    }

    private func lines(_ node: ScenarioNode) -> (PayloadSource, longest: Int)? {
        guard let (path, size) = files.find(node, what: "lines", findings) else { return nil }
        guard size > 0, size <= Self.largestCorpus else {
            let problem =
                size == 0
                ? "is empty"
                : "is longer than \(Figures.bytes(Self.largestCorpus))"
            findings.error("\(quoted(path)) \(problem)", at: node.position)
            return nil
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            findings.error("\(quoted(path)) cannot be read", at: node.position)
            return nil
        }
        let longest = data.split(separator: UInt8(ascii: "\n")).map(\.count).max() ?? 0
        guard longest > 0 else {
            findings.error("\(quoted(path)) has no line with text", at: node.position)
            return nil
        }
        return (.lines(path: path), longest)
    }
}
