import HistoryChecks
import Scenarios

struct PlanDescription { var text: String; init(_ plan: ScenarioPlan) { text = "\(plan)" } }
struct GuaranteeEntry { var guarantee: Guarantee; var name = ""; var summary = ""; var names: [String] = []; var text = "" }
extension Guarantee {
    static var entries: [GuaranteeEntry] { [] }
    static func entry(named: String) -> GuaranteeEntry? { nil }
}
