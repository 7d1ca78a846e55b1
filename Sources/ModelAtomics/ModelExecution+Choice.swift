extension ModelExecution {
    /// Who goes on: by the search's choice, or anyone once the execution is given up.
    ///
    /// Nil when every thread has ended. A thread that asks on its own behalf when the execution
    /// has been given up goes on itself.
    func nextThread() -> Int? {
        if phase == .running { chooseThread() }
        if phase == .running { return threads.allSatisfy(\.isFinished) ? nil : running }
        if running >= 0, !threads[running].isFinished { return running }
        return threads.firstIndex { !$0.isFinished }
    }

    private func chooseThread() {
        let enabled = threads.indices.filter(isEnabled)
        if enabled.isEmpty {
            if threads.allSatisfy(\.isFinished) { return }
            if threads.indices.allSatisfy({ threads[$0].isFinished || isStopped($0) }) {
                checkAtEnd()
                phase = .abandoned
            } else {
                fail("every thread waits")
            }
            return
        }
        let goesOn = enabled.contains(running)
        var options = enabled.filter { !isCovered($0) }
        if let max = choices.preemptionsMax, goesOn, preemptions >= max { options = [running] }
        if options.isEmpty {
            isPruned = true
            phase = .abandoned
            return
        }
        // Going on with the same thread costs no hand-over, so it is tried first.
        if let own = options.firstIndex(of: running) { options.swapAt(0, own) }
        let (chosen, done) = choices.nextThread(options, isRecorded: enabled.count > 1)
        if prunes {
            for thread in done { putToSleep(thread) }
            wake(after: chosen)
        }
        if goesOn && chosen != running { preemptions += 1 }
        running = chosen
    }

    private func isEnabled(_ thread: Int) -> Bool {
        guard !threads[thread].isFinished, !isStopped(thread) else { return false }
        guard threads[thread].pending?.kind == .wait else { return true }
        return threads[thread].readInAttempt.contains { memory.newest($0.key) > $0.value }
    }

    private func isStopped(_ thread: Int) -> Bool {
        threads[thread].stopsAfter == threads[thread].executed
    }

    private func isCovered(_ thread: Int) -> Bool {
        switch threads[thread].sleep {
        case .awake: false
        case .asleep: true
        case .below(let message):
            threads[thread].pending.map { memory.newest($0.cell) < message } ?? false
        }
    }

    private func putToSleep(_ thread: Int) {
        guard let operation = threads[thread].pending else { return }
        if operation.kind == .load && readsOldValues {
            threads[thread].sleep = .below(memory.newest(operation.cell) + 1)
        } else {
            threads[thread].sleep = .asleep
        }
    }

    private func wake(after chosen: Int) {
        guard let executed = threads[chosen].pending else { return }
        for other in threads.indices where other != chosen {
            guard case .asleep = threads[other].sleep, let operation = threads[other].pending
            else { continue }
            if operation.mustWake(after: executed, readsOldValues: readsOldValues) {
                threads[other].sleep = .awake
            }
        }
    }

    private var choosesValues: Bool { phase == .running && running >= 0 }

    /// Which message a load sees: by the search's choice among those it may see.
    func chooseMessage(_ cell: Int) -> Int {
        let newest = memory.newest(cell)
        guard choosesValues, readsOldValues else { return newest }
        let visible = memory.views[running + 1].oldest(cell)
        guard visible < newest else { return newest }
        var oldest = visible
        if case .below(let message) = threads[running].sleep { oldest = max(oldest, message) }
        return newest - choices.nextAge(Array(0...(newest - oldest)))
    }

    /// Which message makes an exchange fail; nil when it takes the newest as it is.
    ///
    /// An old value that is not the expected one may be seen instead of the newest, and a weak
    /// exchange may fail although the newest is as expected.
    func chooseFailure(_ cell: Int, _ change: (UInt64) -> UInt64?) -> Int? {
        guard choosesValues else { return nil }
        let newest = memory.newest(cell)
        var options = [0]
        if readsOldValues {
            let oldest = memory.views[running + 1].oldest(cell)
            for message in (oldest..<newest).reversed()
            where change(memory.value(cell, message)) == nil {
                options.append(newest - message)
            }
        }
        let mayFail = spuriousFailures < spuriousFailuresMax
        if mayFail, change(memory.value(cell, newest)) != nil { options.append(Choices.spurious) }
        guard options.count > 1 else { return nil }
        let age = choices.nextAge(options)
        if age == Choices.spurious {
            spuriousFailures += 1
            return newest
        }
        return age == 0 ? nil : newest - age
    }
}
