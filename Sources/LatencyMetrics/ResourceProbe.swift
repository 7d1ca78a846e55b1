import CGyreShims

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// What the process has used since it began.
public struct ProcessUsage: Hashable, Sendable, Codable {
    /// Processor time in user mode, in nanoseconds.
    public var userNanoseconds: Int64
    /// Processor time in the kernel, in nanoseconds.
    public var systemNanoseconds: Int64
    /// The most memory that was resident at once, in bytes.
    public var residentBytesMax: Int64
    /// How often a thread was taken off its processor against its will.
    public var involuntarySwitches: Int64

    /// Reads the counters of this process (`getrusage`).
    public static func current() -> ProcessUsage {
        var usage = rusage()
        #if canImport(Glibc)
        let own = Int32(RUSAGE_SELF.rawValue)
        let residentUnit: Int64 = 1024
        #else
        let own = RUSAGE_SELF
        let residentUnit: Int64 = 1
        #endif
        // SAFETY: the call writes one `rusage` and keeps no pointer.
        let status = unsafe getrusage(own, &usage)
        precondition(status == 0, "getrusage knows the own process")
        return ProcessUsage(
            userNanoseconds: nanoseconds(usage.ru_utime),
            systemNanoseconds: nanoseconds(usage.ru_stime),
            residentBytesMax: Int64(usage.ru_maxrss) * residentUnit,
            involuntarySwitches: Int64(usage.ru_nivcsw)
        )
    }

    private static func nanoseconds(_ time: timeval) -> Int64 {
        Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_usec) * 1000
    }
}

/// What one thread has used since it began.
public struct ThreadUsage: Hashable, Sendable, Codable {
    /// Processor time, in nanoseconds.
    public var processorNanoseconds: Int64
    /// Bytes that it has allocated; `nil` if the allocator does not count them.
    public var allocatedBytes: Int64?

    /// Reads the counters of the calling thread; `allocated` gives its bytes, below 0 for unknown.
    public static func current(allocated: () -> Int64) -> ThreadUsage {
        var time = timespec()
        // SAFETY: the call writes one `timespec` and keeps no pointer.
        let status = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        precondition(status == 0, "every thread has a processor clock")
        let bytes = allocated()
        return ThreadUsage(
            processorNanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec),
            allocatedBytes: bytes < 0 ? nil : bytes
        )
    }

    /// What was used since `earlier`, a reading of the same thread.
    public func since(_ earlier: ThreadUsage) -> ThreadUsage {
        var bytes: Int64?
        if let now = allocatedBytes, let before = earlier.allocatedBytes { bytes = now - before }
        return ThreadUsage(
            processorNanoseconds: processorNanoseconds - earlier.processorNanoseconds,
            allocatedBytes: bytes
        )
    }
}
