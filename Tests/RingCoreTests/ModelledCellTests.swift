import Foundation
import Testing

/// The one file that no model runs: what the modelled cell promises, the machine's must ask for.
///
/// On x86-64 a relaxed load and an acquiring one are the same instruction, so no execution there
/// can tell them apart; the source can.
@Suite("Hardware cell, as modelled")
struct ModelledCellTests {
    static let orderings = [
        ("loadRelaxed", "word.load(", "relaxed"),
        ("loadAcquire", "word.load(", "acquiring"),
        ("storeRelaxed", "word.store(", "relaxed"),
        ("storeRelease", "word.store(", "releasing"),
        ("compareExchangeWeakRelaxed", "word.weakCompareExchange(", "relaxed"),
        ("compareExchangeAcquire", "word.compareExchange(", "acquiring"),
        ("compareExchangeRelease", "word.compareExchange(", "releasing"),
        ("fetchAddRelaxed", "word.wrappingAdd(", "relaxed"),
    ]

    private func methods() throws -> [String: String] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/RingCore/HardwareCell.swift")
        let source = try String(contentsOf: file, encoding: .utf8)
        let pieces = source.split(separator: "public func ").dropFirst()
        return Dictionary(
            uniqueKeysWithValues: pieces.map { piece in
                (String(piece.prefix { $0.isLetter }), String(piece))
            }
        )
    }

    @Test("each method is one operation with the ordering of its name", arguments: orderings)
    func asksForItsOrdering(method: String, operation: String, ordering: String) throws {
        let body = try #require(try methods()[method])
        #expect(body.contains(operation))
        let asked = body.matches(of: /ordering: \.(\w+)/).map { String($0.1) }
        #expect(asked == [ordering])
    }

    @Test("every method is in the table")
    func tableIsComplete() throws {
        #expect(Set(try methods().keys) == Set(Self.orderings.map(\.0)))
    }
}
