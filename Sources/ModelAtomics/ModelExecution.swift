/// One execution of a modelled program: its memory, its threads, and who goes next.
///
/// Modelled threads are fibers of the thread that searches, so exactly one runs at any time.
public final class ModelExecution: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) everything below is touched by the one thread that runs the
    // search only; modelled threads are fibers of it. Cells, which hold the execution, must be
    // Sendable because real ones are.
    // Checked by: nothing else can reach it, since a search makes its execution and drops it.
    enum Phase { case setUp, starting, running, abandoned }

    struct ThreadState {
        var body: () -> Void
        /// Operations after which the thread is suspended for good.
        var stopsAfter: Int?
        var executed = 0
        var pending: ModelOperation?
        var isFinished = false
        var sleep = Sleep.awake
        var readInAttempt: [Int: Int] = [:]
        /// The ring's call that runs.
        var call = ""
    }

    let readsOldValues: Bool
    let prunes: Bool
    let spuriousFailuresMax: Int
    let mutant: OrderingMutant?
    var notesSites = false
    var sites: Set<OrderingSite> = []
    var choices: Choices
    var memory = ModelMemory()
    /// The slots that may be touched until the next atomic operation.
    var shown: [ShownSlot] = []
    var phase = Phase.setUp
    var threads: [ThreadState] = []
    /// The running thread; -1 is the searching one.
    var running = -1
    var trace: [ModelStep] = []
    /// The names of the cells, and the roles by which mutants know them.
    private(set) var names: [String] = []
    private(set) var words: [String] = []
    var preemptions = 0
    var spuriousFailures = 0
    /// The first broken requirement, race or deadlock, with the operations that led to it.
    public internal(set) var violation: String?
    var isPruned = false
    private var chosen: Int?
    private var finally: (() -> Void)?
    private var fibers: [Fiber] = []

    /// Far beyond what a program that ends needs; a modelled loop without an end would hang.
    ///
    /// A search comes to a loop that old values keep going by one more round an execution, so it
    /// takes the square of this.
    static let operationsMax = 500

    init(_ search: ModelSearch, choices: Choices) {
        readsOldValues = search.readsOldValues
        spuriousFailuresMax = search.spuriousFailuresMax
        mutant = search.mutant
        prunes = search.prunes && choices.allowsPruning
        self.choices = choices
    }

    /// Adds a thread that starts when the program's closure has returned.
    ///
    /// With `stopsAfter` it is suspended for good before the operation that follows that many:
    /// the others must do without it, and the final check sees it suspended.
    public func thread(stopsAfter: Int? = nil, _ body: @escaping () -> Void) {
        precondition(phase == .setUp, "threads are added before any of them runs")
        precondition(threads.count + 1 < ModelMemory.threadsMax, "too many modelled threads")
        threads.append(ThreadState(body: body, stopsAfter: stopsAfter))
    }

    /// Says what must hold when every thread has ended; it sees all they did.
    public func atEnd(_ check: @escaping () -> Void) {
        finally = check
    }

    /// How many atomic operations the calling thread has executed.
    public var operationCount: Int { running < 0 ? 0 : threads[running].executed }

    /// Ends the search with a violation unless `condition` holds.
    public func require(_ condition: Bool, _ message: @autoclosure () -> String) {
        guard !condition else { return }
        fail(message())
    }

    /// Begins an attempt of which `waitForChange` may have to wait for something new.
    public func beginAttempt() {
        guard running >= 0 else { return }
        threads[running].readInAttempt.removeAll(keepingCapacity: true)
    }

    /// Waits until a cell read since `beginAttempt` has a newer value, which is then seen.
    ///
    /// False when the execution has been given up: the thread then has to return.
    public func waitForChange() -> Bool {
        precondition(phase != .starting, "a thread must read something before it can wait")
        guard phase == .running else { return false }
        schedule(ModelOperation(kind: .wait, cell: -1, note: "waits"))
        guard phase == .running else { return false }
        for (cell, message) in threads[running].readInAttempt where memory.newest(cell) > message {
            memory.raise(running + 1, cell, to: message + 1)
        }
        threads[running].sleep = .awake
        return true
    }

    func addCell(_ value: UInt64, name: String, word: String) -> Int {
        names.append(name)
        words.append(word)
        return memory.addCell(value)
    }

    func fail(_ message: String) {
        guard phase != .abandoned, violation == nil else { return }
        let steps = trace.map { "  " + $0.text(cells: names) }
        violation = ([message] + steps).joined(separator: "\n")
        if phase == .running { phase = .abandoned }
    }

    func begin() {
        choices.rewind()
        memory = ModelMemory()
        phase = .setUp
        threads.removeAll(keepingCapacity: true)
        trace.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        words.removeAll(keepingCapacity: true)
        running = -1
        isPruned = false
        preemptions = 0
        spuriousFailures = 0
        finally = nil
    }

    /// Runs the threads to their ends, then the final check.
    func finish() {
        while fibers.count < threads.count { fibers.append(Fiber()) }
        for index in threads.indices { memory.synchronize(index + 1, with: 0) }
        phase = .starting
        for index in threads.indices {
            running = index
            let body = threads[index].body
            fibers[index].start { [unowned self] in
                body()
                endThread(index)
            }
        }
        // Nobody goes on, so whoever comes first is no preemption.
        running = -1
        phase = .running
        while let next = chosen ?? nextThread() {
            chosen = nil
            running = next
            fibers[next].resume()
        }
        if phase == .running { checkAtEnd() }
        // The ends that go away with the bodies still touch their cells, as the set-up did.
        phase = .setUp
        running = -1
        finally = nil
        threads.removeAll(keepingCapacity: true)
    }

    /// Lets the searching thread's place see all that was done, and runs the final check.
    func checkAtEnd() {
        phase = .setUp
        running = -1
        for index in threads.indices { memory.synchronize(0, with: index + 1) }
        finally?()
    }

    /// A scheduling point: returns when the calling thread may execute `operation`.
    func schedule(_ operation: ModelOperation) {
        if !shown.isEmpty { hideSlots() }
        guard running >= 0 else { return }
        if phase == .abandoned { return leaveLoop() }
        guard phase == .running || phase == .starting else { return }
        let own = running
        threads[own].pending = operation
        if phase == .starting {
            fibers[own].suspend()
        } else if let next = nextThread(), next != own {
            chosen = next
            fibers[own].suspend()
        }
        threads[own].pending = nil
        threads[own].executed += 1
        if trace.count > Self.operationsMax { fail("an execution does not end") }
    }

    /// Threads of an abandoned execution run on to their ends; one that loops is left for good.
    private func leaveLoop() {
        let own = running
        threads[own].executed += 1
        guard threads[own].executed > Self.operationsMax * 10 else { return }
        endThread(own)
        // It is never resumed. What its frames hold is leaked: the search ends here anyway.
        let fiber = fibers[own]
        fibers[own] = Fiber()
        fiber.suspend()
    }

    private func endThread(_ index: Int) {
        threads[index].isFinished = true
        threads[index].sleep = .awake
    }
}
