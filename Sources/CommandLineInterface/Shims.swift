import HistoryChecks
struct GuaranteeEntry { var guarantee: Guarantee; var name = ""; var summary = ""; var names: [String] = []; var text = "" }
extension Guarantee {
    static var entries: [GuaranteeEntry] { [] }
    static func entry(named: String) -> GuaranteeEntry? { nil }
}
