internal import Messaging

/// Where a trial takes its decisions from: everything that is open is one of these.
package protocol Choices {
    /// A number in 0 ..< `bound`.
    mutating func choose(_ bound: Int) -> Int
}

/// Choices drawn from a seed: the same seed makes the same choices, on every machine.
package struct SeededChoices: Choices, Sendable {
    private let draws: KeyedHash
    private var drawn: UInt64 = 0

    /// The choices of `seed`.
    package init(seed: UInt64) {
        draws = KeyedHash(seed: seed)
    }

    package mutating func choose(_ bound: Int) -> Int {
        precondition(bound > 0, "there must be something to choose from")
        defer { drawn += 1 }
        return Int(draws.hash(drawn, 0).multipliedFullWidth(by: UInt64(bound)).high)
    }
}

/// Every choice in turn: an odometer over the choices of a trial, whatever each depends on.
///
/// Run the trial, `advance`, run it again from the start, until `advance` says that all
/// combinations have been seen. Later choices turn first.
package struct ExhaustiveChoices: Choices, Sendable {
    private var digits: [(digit: Int, bound: Int)] = []
    private var position = 0

    /// All choices zero.
    package init() {}

    package mutating func choose(_ bound: Int) -> Int {
        precondition(bound > 0, "there must be something to choose from")
        defer { position += 1 }
        if position == digits.count { digits.append((0, bound)) }
        precondition(digits[position].bound == bound, "a trial must repeat itself exactly")
        return digits[position].digit
    }

    /// Turns to the next combination; `false` when there is none.
    package mutating func advance() -> Bool {
        digits.removeLast(digits.count - position)
        position = 0
        while let last = digits.popLast() {
            guard last.digit + 1 < last.bound else { continue }
            digits.append((last.digit + 1, last.bound))
            return true
        }
        return false
    }
}
