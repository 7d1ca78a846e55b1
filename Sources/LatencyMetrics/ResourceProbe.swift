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
    /// How long it wanted a processor and had none, in nanoseconds; `nil` if the system does not
    /// count that.
    ///
    /// A thread that sleeps wants none. Where each thread has a processor, such waiting is the
    /// work of other programs.
    public var queuedNanoseconds: Int64?

    /// Makes a reading; a counter below 0 is unknown.
    init(processorNanoseconds: Int64, allocatedBytes: Int64, queuedNanoseconds: Int64) {
        self.processorNanoseconds = processorNanoseconds
        self.allocatedBytes = allocatedBytes < 0 ? nil : allocatedBytes
        self.queuedNanoseconds = queuedNanoseconds < 0 ? nil : queuedNanoseconds
    }

    /// Reads the counters of the calling thread, in a few microseconds.
    public static func current() -> ThreadUsage {
        var time = timespec()
        // SAFETY: the call writes one `timespec` and keeps no pointer.
        let status = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        precondition(status == 0, "every thread has a processor clock")
        return ThreadUsage(
            processorNanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec),
            allocatedBytes: gyre_thread_allocated_bytes(),
            queuedNanoseconds: gyre_thread_queued_nanoseconds()
        )
    }

    /// What was used since `earlier`, a reading of the same thread.
    public func since(_ earlier: ThreadUsage) -> ThreadUsage {
        func difference(_ now: Int64?, _ before: Int64?) -> Int64? {
            guard let now, let before else { return nil }
            return now - before
        }
        var used = self
        used.processorNanoseconds -= earlier.processorNanoseconds
        used.allocatedBytes = difference(allocatedBytes, earlier.allocatedBytes)
        used.queuedNanoseconds = difference(queuedNanoseconds, earlier.queuedNanoseconds)
        return used
    }

    /// The share of `nanoseconds`, 0 to 1, that was spent waiting for a processor.
    public func queuedShare(of nanoseconds: Int64) -> Double? {
        queuedNanoseconds.map { Double($0) / Double(max(1, nanoseconds)) }
    }
}
