/// What a search found.
public struct ModelOutcome: Sendable {
    /// Executions that ran to their end.
    public var executions = 0
    /// Executions given up because an earlier one covers them.
    public var pruned = 0
    /// Whether nothing was left to try: only then is the absence of a violation a proof.
    public var isExhausted = false
    /// The first violation, with the operations that led to it.
    public var violation: String?
}

/// A depth-first search over every execution of a small concurrent program.
///
/// The program is written anew for each execution by a closure that makes its shared state and
/// adds threads to the `ModelExecution`. Before every atomic operation the search chooses which
/// thread goes on, and at every load which of the values it may still see; sleep sets leave out
/// orders that cannot differ.
///
/// Explored: every interleaving of atomic operations; release and acquire as views; old values
/// for relaxed and acquiring loads; races on slots by happens-before. *Not* explored: load
/// buffering (a load never sees a store that comes later), a store that enters a cell's order
/// before one already there, spurious failures of a weak exchange, failed exchanges that see an
/// old value. A thread that calls `waitForChange` reads at least one newer value next.
public struct ModelSearch {
    /// Executions, pruned ones included, after which the search gives up.
    public var executionsMax: Int
    /// Whether a load may see any value that its thread has not seen overwritten.
    public var readsOldValues = true
    /// Whether executions that cannot differ are left out; off only to check the search itself.
    public var prunes = true

    /// Creates a search with old values and pruning.
    public init(executionsMax: Int = 200_000) {
        self.executionsMax = executionsMax
    }

    /// Runs the program until a violation, the end of all executions, or the maximum.
    public func run(_ program: (ModelExecution) -> Void) -> ModelOutcome {
        var outcome = ModelOutcome()
        let execution = ModelExecution(readsOldValues: readsOldValues, prunes: prunes)
        defer { execution.stopWorkers() }
        repeat {
            execution.begin()
            program(execution)
            execution.finish()
            if execution.isPruned { outcome.pruned += 1 } else { outcome.executions += 1 }
            if let violation = execution.violation {
                outcome.violation = violation
                return outcome
            }
            guard execution.choices.advance() else {
                outcome.isExhausted = true
                return outcome
            }
        } while outcome.executions + outcome.pruned < executionsMax
        return outcome
    }
}

/// The decisions of one execution, and which of their alternatives are still to be tried.
struct Choices {
    private struct Node {
        var options: [Int]
        var position: Int
    }
    private var nodes: [Node] = []
    private var depth = 0

    /// Goes back to the first decision of the next execution.
    mutating func rewind() { depth = 0 }

    /// The option to take now, and those before it that are done.
    mutating func next(_ options: [Int]) -> (chosen: Int, done: ArraySlice<Int>) {
        if depth == nodes.count { nodes.append(Node(options: options, position: 0)) }
        let node = nodes[depth]
        precondition(node.options == options, "a modelled program must be deterministic")
        depth += 1
        return (options[node.position], options[..<node.position])
    }

    /// Moves to the next execution; false when there is none.
    mutating func advance() -> Bool {
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
