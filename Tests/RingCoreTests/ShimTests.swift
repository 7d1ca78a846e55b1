import CGyreShims
import Testing

@Suite("Machine shims")
struct ShimTests {
    @Test("clocks go forward")
    func clocks() {
        let start = gyre_monotonic_nanoseconds()
        let ticks = gyre_timestamp_counter()
        gyre_park_nanoseconds(1)
        #expect(gyre_monotonic_nanoseconds() > start)
        #expect(gyre_timestamp_counter() >= ticks)
    }

    @Test("the allowed processors are as many as are counted")
    func processors() {
        var allowed: [Int32] = []
        var processor = gyre_next_allowed_processor(0)
        while processor >= 0 {
            allowed.append(processor)
            processor = gyre_next_allowed_processor(processor + 1)
        }
        #expect(allowed.count == Int(gyre_allowed_processor_count()))
    }

    @Test("a thread can be pinned to an allowed processor, and not to an impossible one")
    func pinning() {
        runThreads([
            {
                let processor = gyre_next_allowed_processor(0)
                #expect(gyre_pin_current_thread(-1) != 0)
                #if os(Linux)
                #expect(gyre_pin_current_thread(processor) == 0)
                #expect(gyre_allowed_processor_count() >= 1)
                #endif
            }
        ])
    }
}
