import Foundation
import Messaging
import Testing

@testable import Scenarios

/// Thousands of damaged scenarios: each gives a plan or errors with places, never a crash.
@Suite("Damaged scenarios")
struct FuzzTests {
    /// Draws that depend on the seed alone.
    private struct Draws {
        let hash: KeyedHash
        var count: UInt64 = 0

        init(seed: UInt64) { hash = KeyedHash(seed: seed) }

        mutating func below(_ bound: Int) -> Int {
            count += 1
            return Int(hash.hash(count, 0) % UInt64(max(1, bound)))
        }
    }

    private static let pieces = [
        "{", "}", "[", "]", ":", ",", "- ", "\n", "\t", " ", "#", "&a ", "*a", "!!int ", "|", ">",
        "\"", "'", "%", "@", "null", "~", "0", "-1", "NaN", ".inf", "1e999", "99999999999999999999",
        "9223372036854775807", "\u{0}", "\u{FEFF}", "é", "🙂", "---\n", "...\n", "? ", "<<: ",
        "name: orders", "probability: ", "every: 1", "count: 4095", "10k/s", "1ns", "8784h",
    ]

    private func mutate(_ lines: [String], seed: UInt64) -> String {
        var draws = Draws(seed: seed)
        var lines = lines
        for _ in 0...draws.below(3) {
            let line = draws.below(lines.count)
            switch draws.below(8) {
            case 0: lines.remove(at: line)
            case 1: lines.insert(lines[line], at: draws.below(lines.count))
            case 2: lines.swapAt(line, draws.below(lines.count))
            case 3: lines[line] = String(lines[line].prefix(draws.below(lines[line].count + 1)))
            case 4: lines[line] = " " + lines[line]
            case 5, 6:
                var characters = Array(lines[line])
                let at = draws.below(characters.count + 1)
                characters.insert(contentsOf: Self.pieces[draws.below(Self.pieces.count)], at: at)
                lines[line] = String(characters)
            default:
                let words = lines[line].split(separator: " ", omittingEmptySubsequences: false)
                let other = lines[draws.below(lines.count)].split(separator: " ")
                guard !words.isEmpty, !other.isEmpty else { continue }
                var changed = words
                changed[draws.below(words.count)] = other[draws.below(other.count)]
                lines[line] = changed.joined(separator: " ")
            }
            if lines.isEmpty { break }
        }
        return lines.joined(separator: "\n")
    }

    @Test(
        "thousands of damaged files give a plan or errors with places",
        .timeLimit(.minutes(5)),
        arguments: ["quickstart.yaml", "orders-late-and-twice.yaml"]
    )
    func mutations(name: String) throws {
        let text = try String(contentsOfFile: Repository.scenarios + "/" + name, encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
            .filter { !$0.hasPrefix("#") && !$0.isEmpty }
        var plans = 0
        for seed in 0..<2_000 as Range<UInt64> {
            let reading = read(mutate(lines, seed: seed))
            let errors = reading.diagnostics.filter { $0.severity == .error }
            #expect((reading.plan == nil) == !errors.isEmpty, "seed \(seed)")
            let placed = errors.allSatisfy { $0.position.line > 0 && $0.position.column > 0 }
            #expect(placed, "seed \(seed): \(errors)")
            if let plan = reading.plan {
                plans += 1
                #expect(!PlanDescription(plan).description.isEmpty)
                _ = try JSONEncoder().encode(PlanDescription(plan))
            }
        }
        #expect(
            plans > 100 && plans < 1_900,
            "\(plans) plans: the damage is too small or too large"
        )
    }

    @Test("random bytes never crash", .timeLimit(.minutes(5)))
    func noise() {
        for seed in 0..<2_000 as Range<UInt64> {
            var draws = Draws(seed: seed)
            let bytes = (0..<draws.below(200)).map { _ in UInt8(draws.below(256)) }
            let probe = Findings()
            let place = Position(source: "x.yaml")
            _ = SourceText.decode(bytes, position: place, findings: probe)
            let text = String(decoding: bytes.map { $0 & 0x7F }, as: UTF8.self)
            #expect(read(text).plan == nil, "seed \(seed)")
        }
    }
}
