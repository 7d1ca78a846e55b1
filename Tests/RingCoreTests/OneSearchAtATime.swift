import Testing

/// Lets one modelled search run at a time.
///
/// A search computes for seconds without a pause. Two of them would occupy both threads that the
/// tests of a small machine run on, and tests that wait for something would wait for them.
struct OneSearchAtATime: TestTrait, SuiteTrait, TestScoping {
    let isRecursive = true

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        guard testCase != nil else { return try await function() }
        await Turn.only.take()
        do {
            try await function()
            await Turn.only.giveBack()
        } catch {
            await Turn.only.giveBack()
            throw error
        }
    }

    private actor Turn {
        static let only = Turn()

        private var isTaken = false
        private var waiting: [CheckedContinuation<Void, Never>] = []

        func take() async {
            guard isTaken else { return isTaken = true }
            await withCheckedContinuation { waiting.append($0) }
        }

        func giveBack() {
            if waiting.isEmpty { isTaken = false } else { waiting.removeFirst().resume() }
        }
    }
}

extension Trait where Self == OneSearchAtATime {
    /// One test of all suites that have this trait runs at a time.
    static var oneSearchAtATime: Self { OneSearchAtATime() }
}
