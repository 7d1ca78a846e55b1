import Testing

@testable import RingCore

@Suite("Backing off", .watchdog)
struct BackoffTests {
    @Test("losses are counted, and the pause after many is as short as after a few")
    func staysShort() {
        var losses = 0
        let span = ContinuousClock().measure {
            for _ in 0..<28 { losses = pauseAfterLoss(losses) }
        }
        #expect(losses == 28)
        // A millisecond; doubled without a bound, the last pause alone takes two seconds or more.
        #expect(span < .seconds(1))
    }
}
