import CCountedRegion
import CGyreShims
import Foundation
import HotPaths

/// Gives a closure an address that C can hand back.
final class Body {
    let run: (Int) -> Void

    init(_ run: @escaping (Int) -> Void) {
        self.run = run
    }
}

/// Runs `body` where callgrind counts.
func counted(_ body: Body, _ count: Int) {
    // SAFETY: the caller holds the body during the call.
    unsafe gyre_counted_region(
        { context, count in
            guard let context = unsafe context else { return }
            unsafe Unmanaged<Body>.fromOpaque(context).takeUnretainedValue().run(count)
        },
        Unmanaged.passUnretained(body).toOpaque(),
        count
    )
}

// Every path once to warm up, then a number of times and twice that number: the difference is
// free of what a call costs once. Printed is what the allocator saw; instructions are callgrind's.
let only = CommandLine.arguments.dropFirst().first ?? ""
for path in HotPath.all where only.isEmpty || path.name == only {
    let body = Body(try path.prepared())
    body.run(2 * HotPath.step)
    for count in [4 * HotPath.step, 8 * HotPath.step] {
        let before = gyre_thread_allocated_bytes()
        precondition(before >= 0, "the allocator does not count")
        counted(body, count)
        let bytes = gyre_thread_allocated_bytes() - before
        let line = "\(path.name)\t\(path.unit)\t\(count)\t\(bytes)\n"
        FileHandle.standardOutput.write(Data(line.utf8))
    }
}
