import Foundation
import Testing

@testable import Workloads

@Suite struct RepeatableMathTests {
    @Test("logarithm and exponential agree with the C library to 2e-15")
    func agree() {
        var value = 0x1p-53
        while value < 1e13 {
            let log = RepeatableMath.log(value)
            #expect(abs(log - Foundation.log(value)) <= 2e-15 * max(1e-3, abs(log)), "ln \(value)")
            value *= 1.0173
        }
        #expect(RepeatableMath.log(1) == 0)
        for step in -2000...2000 {
            let x = Double(step) * 0.0173
            let exp = RepeatableMath.exp(x)
            #expect(abs(exp / Foundation.exp(x) - 1) <= 8e-15, "exp \(x)")
            if x != 0 {
                let ratio = Foundation.expm1(x) / x
                #expect(abs(RepeatableMath.expm1OverX(x) / ratio - 1) <= 8e-15, "expm1 \(x)")
            }
            if x > -1, x != 0 {
                let ratio = Foundation.log1p(x) / x
                #expect(abs(RepeatableMath.log1pOverX(x) / ratio - 1) <= 4e-15, "log1p \(x)")
            }
        }
        #expect(RepeatableMath.expm1OverX(0) == 1)
        #expect(RepeatableMath.log1pOverX(0) == 1)
    }
}
