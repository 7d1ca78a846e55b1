internal import Foundation

/// One execution of a modelled program: its memory, its threads, and who goes next.
///
/// Threads are real ones that pass a baton, so exactly one runs at any time.
public final class ModelExecution: @unchecked Sendable {
    // SAFETY: (unchecked Sendable) everything below is touched only by the thread that has the
    // baton, or by the searching thread while no other one has it; batons order these.
    // Checked by: every model test under the thread sanitizer.
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
    }

    let readsOldValues: Bool
    let prunes: Bool
    var choices = Choices()
    var memory = ModelMemory()
    var phase = Phase.setUp
    var threads: [ThreadState] = []
    /// The running thread; -1 is the searching one.
    var running = -1
    var trace: [(thread: Int, operation: ModelOperation, value: UInt64)] = []
    /// The first broken requirement, race or deadlock, with the operations that led to it.
    public internal(set) var violation: String?
    var isPruned = false
    private var finally: (() -> Void)?
    private let controller = Baton()
    private var workers: [Baton] = []
    private var isStopping = false

    /// Far beyond what a program that ends needs; a modelled loop without an end would hang.
    static let operationsMax = 5_000

    init(readsOldValues: Bool, prunes: Bool) {
        self.readsOldValues = readsOldValues
        self.prunes = prunes
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
        schedule(ModelOperation(kind: .wait, cell: -1, note: "wait"))
        guard phase == .running else { return false }
        for (cell, message) in threads[running].readInAttempt where memory.newest(cell) > message {
            memory.raise(running + 1, cell, to: message + 1)
        }
        threads[running].sleep = .awake
        return true
    }

    func fail(_ message: String) {
        guard phase != .abandoned, violation == nil else { return }
        let steps = trace.map { step in
            "  thread \(step.thread): \(step.operation) = \(step.value)"
        }
        violation = ([message] + steps).joined(separator: "\n")
        if phase == .running { phase = .abandoned }
    }

    func begin() {
        choices.rewind()
        memory = ModelMemory()
        phase = .setUp
        threads.removeAll(keepingCapacity: true)
        trace.removeAll(keepingCapacity: true)
        running = -1
        isPruned = false
        finally = nil
    }

    /// Runs the threads to their ends, then the final check.
    func finish() {
        while workers.count < threads.count { startWorker() }
        for index in threads.indices { memory.synchronize(index + 1, with: 0) }
        phase = .starting
        for index in threads.indices { pass(to: index) }
        phase = .running
        if let first = nextThread() { pass(to: first) }
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

    /// Gives a worker the turn and waits until the searching thread gets it back.
    private func pass(to index: Int) {
        running = index
        workers[index].give()
        controller.take()
    }

    /// A scheduling point: returns when the calling thread may execute `operation`.
    func schedule(_ operation: ModelOperation) {
        guard phase == .running || phase == .starting, running >= 0 else { return }
        let own = running
        threads[own].pending = operation
        if phase == .starting {
            controller.give()
            workers[own].take()
        } else if let next = nextThread(), next != own {
            running = next
            workers[next].give()
            workers[own].take()
        }
        threads[own].pending = nil
        threads[own].executed += 1
        if trace.count > Self.operationsMax { fail("an execution does not end") }
    }

    private func startWorker() {
        let index = workers.count
        workers.append(Baton())
        let own = workers[index]
        let worker = Thread { [self] in
            while true {
                own.take()
                if isStopping { return controller.give() }
                threads[index].body()
                endThread(index)
            }
        }
        worker.start()
    }

    private func endThread(_ index: Int) {
        threads[index].isFinished = true
        threads[index].sleep = .awake
        guard phase != .starting, let next = nextThread() else { return controller.give() }
        running = next
        workers[next].give()
    }

    func stopWorkers() {
        isStopping = true
        for worker in workers {
            worker.give()
            controller.take()
        }
    }
}
