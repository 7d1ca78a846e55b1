extension Guarantee {
    /// A few words that tables have room for.
    public var title: String {
        switch self {
        case .a1: "nothing invented"
        case .a2: "nothing corrupted"
        case .a3: "nothing refused delivered"
        case .a4: "nothing lost"
        case .a5: "delivered once a copy"
        case .a6: "stored once"
        case .a7: "redelivery has a reason"
        case .a8: "takes effect once"
        case .a9: "state adds up"
        case .a10: "repeats recognised"
        case .a11: "order per key"
        case .a12: "order in real time"
        case .a15: "one order for all"
        case .a18: "one lease at a time"
        case .a20: "refused comes again"
        case .a21: "attempts count up"
        case .a22: "redelivered flag true"
        case .a23: "delay respected"
        case .a26: "idempotent sends"
        case .a29: "books balance"
        case .a33: "late answers void"
        case .a34: "effects in order"
        case .a38: "right partition"
        case .unresolved: "fates known"
        default: id
        }
    }
}
