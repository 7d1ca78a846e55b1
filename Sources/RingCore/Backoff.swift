internal import CGyreShims

/// Lets the other side go on for a while before a thread that was refused looks again.
@usableFromInline
@inline(never)
func pauseWhenRefused() {
    // 0.5 to 1 µs: what some dozens of takes need.
    for _ in 0..<24 { gyre_cpu_pause() }
}

/// Pauses after an exchange that another thread won, twice as long after each, and counts it.
///
/// Whoever won then has the line for several exchanges before it moves: two threads that retry at
/// once take it from each other every time. At most 256 pauses, 5 to 12 µs; waits for nobody.
///
/// - Note: T. E. Anderson, "The performance of spin lock alternatives for shared-memory
///   multiprocessors", IEEE TPDS 1990.
@usableFromInline
@inline(never)
func pauseAfterLoss(_ losses: Int) -> Int {
    for _ in 0..<(1 << Swift.min(losses, 8)) { gyre_cpu_pause() }
    return losses + 1
}
