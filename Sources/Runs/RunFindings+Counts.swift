import HistoryChecks

extension RunFindings {
    /// Confirmed events that never took effect, over all groups, as far as they were listed.
    var missedApplies: UInt64 { count(of: .a8, named: ["missed-apply"]) }

    /// Effects beyond the first, over all groups, as far as they were listed.
    var doubleApplies: UInt64 { count(of: .a8, named: ["double-apply"]) }
}
