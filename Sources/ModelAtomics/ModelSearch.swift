/// What a search found.
public struct ModelOutcome: Sendable {
    /// Executions that ran to their end.
    public var executions = 0
    /// Executions given up because an earlier one covers them.
    public var pruned = 0
    /// Whether nothing was left to try, within the bound if there is one.
    public var isExhausted = false
    /// The first violation, with the operations that led to it and the line that replays it.
    public var violation: String?
    /// The decisions that led to the violation, for `ModelSearch.replay`.
    public var replayLine: String?
    /// The places that asked for an ordering, when the search was to note them.
    public var sites: Set<OrderingSite> = []
}

/// A search over the executions of a small concurrent program.
///
/// The program is written anew for each execution by a closure that makes its shared state and
/// adds threads to the `ModelExecution`. Before every atomic operation the search chooses which
/// thread goes on, and at every load which of the values it may still see; sleep sets leave out
/// orders that cannot differ.
///
/// Explored: every interleaving of atomic operations and fences; release and acquire as views; old
/// values for relaxed and acquiring loads and for weak exchanges that fail; spurious failures, as
/// many as asked for; races on slots by happens-before, and accesses to slots at another place in
/// the program than the ring says, where they are hidden (see `ModelSlots`).
///
/// *Not* explored: load buffering (a load never sees a store that comes later in the execution),
/// a store that enters a cell's order before one already there, failed strong exchanges that see
/// an old value, sequentially consistent loads and stores (the cells have none). A thread that
/// calls `waitForChange` reads at least one newer value next.
public struct ModelSearch: Sendable {
    /// Executions, pruned ones included, after which the search gives up.
    public var executionsMax: Int
    /// How decisions are made.
    public var strategy: ModelStrategy
    /// Whether a load may see any value that its thread has not seen overwritten.
    public var readsOldValues = true
    /// Whether executions that cannot differ are left out; off only to check the search itself.
    public var prunes = true
    /// How many weak exchanges of one execution may fail for no reason.
    public var spuriousFailuresMax = 0
    /// The one ordering that is weakened.
    public var mutant: OrderingMutant?
    /// Whether to note which places ask for an ordering.
    public var notesSites = false

    /// Creates a search with old values and pruning.
    public init(executionsMax: Int = 200_000, strategy: ModelStrategy = .exhaustive) {
        self.executionsMax = executionsMax
        self.strategy = strategy
    }

    /// Runs the program until a violation, the end of all executions, or the maximum.
    public func run(_ program: (ModelExecution) -> Void) -> ModelOutcome {
        var outcome = ModelOutcome()
        let execution = ModelExecution(self, choices: Choices(strategy))
        execution.notesSites = notesSites
        repeat {
            execution.begin()
            program(execution)
            execution.finish()
            if execution.isPruned { outcome.pruned += 1 } else { outcome.executions += 1 }
            if execution.choices.didNotFit {
                outcome.violation = "the line does not fit the program"
                return outcome
            }
            if let violation = execution.violation {
                let line = execution.choices.line
                outcome.violation = violation + "\n  replay(\"\(line)\")"
                outcome.replayLine = line
                return outcome
            }
            guard execution.choices.advance() else {
                outcome.isExhausted = true
                break
            }
        } while outcome.executions + outcome.pruned < executionsMax
        outcome.sites = execution.sites
        return outcome
    }

    /// Runs one execution again, by the line that a violation ended with.
    ///
    /// The search must have the settings with which the line was found.
    public func replay(_ line: String, _ program: (ModelExecution) -> Void) -> ModelOutcome {
        var search = self
        search.strategy = .replay(line)
        return search.run(program)
    }
}
