/// How the decisions of an execution are made.
public enum ModelStrategy: Sendable {
    /// Every execution, one after another; the absence of a violation is then a proof.
    case exhaustive
    /// Every execution with at most so many switches away from a thread that could go on.
    case preemptions(Int)
    /// Every decision by chance.
    case random(seed: UInt64)
    /// Threads by random priorities that change at `depth` - 1 random steps.
    ///
    /// Finds a bug that needs `depth` orderings of n threads' k steps with a probability of at
    /// least 1 / (n · k^(depth - 1)) an execution.
    ///
    /// - Note: S. Burckhardt et al., "A randomized scheduler with probabilistic guarantees of
    ///   finding bugs", ASPLOS 2010.
    case priorities(depth: Int, seed: UInt64)
    /// The decisions of a recorded execution.
    case replay(String)
}

/// The decisions of one execution, and which of their alternatives are still to be tried.
///
/// A decision is written as one character: a capital letter for a thread, a digit or small letter
/// for the age of the value that is read, an exclamation mark for an exchange that fails for no
/// reason.
struct Choices {
    /// The age that stands for an exchange's failure without a reason.
    static let spurious = -1

    private struct Node {
        var options: [Int]
        var position: Int
    }
    private let strategy: ModelStrategy
    private var nodes: [Node] = []
    private var depth = 0
    private var generator: SplitMix
    private var recording: [UInt8] = []
    private var replayed: ArraySlice<UInt8> = []
    private var priorities: [Int] = []
    private var changes: [Int: Int] = [:]
    private var steps = 0
    private var stepsMax = 32
    /// Whether a replayed line asked for what the program could not do.
    private(set) var didNotFit = false

    init(_ strategy: ModelStrategy) {
        self.strategy = strategy
        switch strategy {
        case .random(let seed), .priorities(_, let seed): generator = SplitMix(state: seed)
        case .exhaustive, .preemptions, .replay: generator = SplitMix(state: 0)
        }
    }

    /// Leaving executions out needs all others to be tried.
    var allowsPruning: Bool { if case .exhaustive = strategy { true } else { false } }

    var preemptionsMax: Int? { if case .preemptions(let max) = strategy { max } else { nil } }

    /// The decisions so far, to be replayed.
    var line: String { String(decoding: recording, as: UTF8.self) }

    /// Goes back to the first decision of the next execution.
    mutating func rewind() {
        depth = 0
        recording.removeAll(keepingCapacity: true)
        stepsMax = max(stepsMax, steps)
        steps = 0
        if case .replay(let line) = strategy { replayed = Array(line.utf8)[...] }
        guard case .priorities(let depth, _) = strategy else { return }
        priorities = (0..<ModelMemory.threadsMax).map { depth + $0 }.shuffled(using: &generator)
        changes.removeAll(keepingCapacity: true)
        for change in 1..<max(1, depth) {
            changes[Int.random(in: 0..<stepsMax, using: &generator)] = change
        }
    }

    /// The thread to run now, and those that are done; the first option is the one that ran.
    mutating func nextThread(
        _ options: [Int],
        isRecorded: Bool
    ) -> (chosen: Int, done: ArraySlice<Int>) {
        steps += 1
        if let priority = changes[steps] { priorities[options[0]] = priority }
        var answer: (chosen: Int, done: ArraySlice<Int>) = (options[0], [])
        switch strategy {
        case .exhaustive, .preemptions: answer = next(options)
        case .random: answer.chosen = options.randomElement(using: &generator) ?? options[0]
        case .priorities:
            answer.chosen = options.max { priorities[$0] < priorities[$1] } ?? options[0]
        case .replay: if isRecorded { answer.chosen = replay(options) { 65 + UInt8($0) } }
        }
        if isRecorded { recording.append(65 + UInt8(answer.chosen)) }
        return answer
    }

    /// The age of the value to read, 0 for the newest.
    mutating func nextAge(_ options: [Int]) -> Int {
        let age: Int
        switch strategy {
        case .exhaustive, .preemptions: age = next(options).chosen
        case .random, .priorities:
            // Half of all reads see the newest, or long programs would hardly get on.
            let isNewest = Bool.random(using: &generator)
            age = isNewest ? options[0] : options.randomElement(using: &generator) ?? options[0]
        case .replay: age = replay(options, Self.character)
        }
        recording.append(Self.character(age))
        return age
    }

    private static func character(_ age: Int) -> UInt8 {
        if age == spurious { return 33 }
        return age < 10 ? 48 + UInt8(age) : 97 + UInt8(min(age - 10, 25))
    }

    private mutating func replay(_ options: [Int], _ character: (Int) -> UInt8) -> Int {
        let wanted = replayed.popFirst()
        if let option = options.first(where: { character($0) == wanted }) { return option }
        didNotFit = true
        return options[0]
    }

    private mutating func next(_ options: [Int]) -> (chosen: Int, done: ArraySlice<Int>) {
        if depth == nodes.count { nodes.append(Node(options: options, position: 0)) }
        let node = nodes[depth]
        precondition(node.options == options, "a modelled program must be deterministic")
        depth += 1
        return (options[node.position], options[..<node.position])
    }

    /// Moves to the next execution; false when there is none.
    mutating func advance() -> Bool {
        switch strategy {
        case .random, .priorities: return true
        case .replay: return false
        case .exhaustive, .preemptions: break
        }
        // Decisions beyond the depth belong to no execution: nodes is cut to what was replayed.
        nodes.removeSubrange(depth...)
        while var last = nodes.popLast() {
            last.position += 1
            if last.position < last.options.count {
                nodes.append(last)
                return true
            }
        }
        return false
    }
}

/// A small generator whose sequence depends on its seed alone.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
