internal import CGyreShims

/// A flow of control of its own, which goes on only while the searching thread resumes it.
///
/// Handing over costs a microsecond or less; between real threads it costs ten or more, and a
/// search hands over millions of times.
@safe
final class Fiber {
    // Deep enough for a debug build that makes the text of a violation.
    private static let stackBytes = 512 * 1024
    private let fiber: OpaquePointer
    private var body: () -> Void = {}

    init() {
        // SAFETY: the fiber is idle until start, and freed in deinit only.
        guard let fiber = unsafe gyre_fiber_create(Self.stackBytes) else {
            preconditionFailure("no memory for a modelled thread's stack")
        }
        unsafe self.fiber = fiber
    }

    deinit {
        // SAFETY: every body has returned, or will never be resumed.
        unsafe gyre_fiber_destroy(fiber)
    }

    /// Runs `body` until it suspends or ends.
    func start(_ body: @escaping () -> Void) {
        self.body = body
        // SAFETY: whoever starts and resumes the fiber holds this object meanwhile.
        unsafe gyre_fiber_start(
            fiber,
            { argument in
                guard let argument = unsafe argument else { return }
                unsafe Unmanaged<Fiber>.fromOpaque(argument).takeUnretainedValue().run()
            },
            Unmanaged.passUnretained(self).toOpaque()
        )
    }

    /// Goes on until the body suspends again or ends.
    func resume() {
        // SAFETY: the body has suspended and not ended.
        unsafe gyre_fiber_resume(fiber)
    }

    /// Gives control back; called by the body.
    func suspend() {
        // SAFETY: this runs inside the body.
        unsafe gyre_fiber_suspend(fiber)
    }

    private func run() {
        let own = body
        own()
        body = {}
    }
}
