#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// One operating-system thread that runs a body and is joined.
package struct OwnedThread: ~Copyable {
    private let handle: pthread_t

    /// Starts the thread; `nil` if the system has no more.
    package init?(_ body: @escaping @Sendable () -> Void) {
        // SAFETY: the reference is given up by the thread, or below if there is none.
        let box = unsafe Unmanaged.passRetained(ThreadBody(body))
        #if canImport(Glibc)
        var started = pthread_t()
        // SAFETY: the new thread takes over the box's reference.
        let status = unsafe pthread_create(
            &started,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                // SAFETY: the argument is the box, and this is the one place that takes it over.
                unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        let created: pthread_t? = started
        #else
        var created: pthread_t?
        // SAFETY: the new thread takes over the box's reference.
        let status = unsafe pthread_create(
            &created,
            nil,
            { argument in
                // SAFETY: the argument is the box, and this is the one place that takes it over.
                unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            },
            box.toOpaque()
        )
        #endif
        guard status == 0, let created else {
            // SAFETY: no thread took the reference over.
            unsafe box.release()
            return nil
        }
        handle = created
    }

    /// Waits until the body has returned.
    package consuming func join() {
        // Created joinable, and joined once, as this consumes the only owner.
        pthread_join(handle, nil)
    }
}

/// A thread among others in an array, joined once.
package final class JoinableThread {
    private var thread: OwnedThread?

    /// Starts the thread; `nil` if the system has no more.
    package init?(_ body: @escaping @Sendable () -> Void) {
        guard let thread = OwnedThread(body) else { return nil }
        self.thread = consume thread
    }

    /// Waits until the body has returned.
    package func join() { thread.take()?.join() }
}

private final class ThreadBody: Sendable {
    private let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) {
        self.body = body
    }

    func run() {
        body()
    }
}
