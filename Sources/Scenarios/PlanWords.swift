import Clients
import Faults
import Messaging
import Workloads

extension ArrivalProcess {
    /// How one producer's events come, in words.
    var shown: String {
        switch self {
        case .closedLoop: "closed loop"
        case .constant(let rate): "\(Figures.rate(rate)) each"
        case .poisson(let rate): "poisson, \(Figures.rate(rate)) each"
        case .stages(let stages):
            "stages "
                + stages.map {
                    "\(Figures.rate($0.perSecond)) for \(Figures.duration($0.duration))"
                }
                .joined(separator: ", ")
        }
    }
}

extension PayloadSource {
    var shown: String {
        switch self {
        case .fixed(let bytes): Figures.bytes(bytes)
        case .uniform(let low, let high): "\(Figures.bytes(low)) to \(Figures.bytes(high))"
        case .file(let path): "file \(path)"
        case .lines(let path): "lines of \(path)"
        case .pool(let count, let bytes, let share):
            "\(Figures.bytes(bytes)), one of \(Figures.count(count)), "
                + "\(Figures.percent(share)) random"
        }
    }
}

extension KeyDistribution {
    func shown(in names: KeyNames) -> String {
        let number = Int(pattern)
        let name = names.patterns.indices.contains(number) ? names.patterns[number] : ""
        let keys = "\(Figures.count(keyCount)) x \(name)"
        return switch shape {
        case .none: "none"
        case .roundRobin: "\(keys), round robin"
        case .uniform: "\(keys), uniform"
        case .zipf(_, let exponent): "\(keys), zipf \(Figures.decimal(exponent))"
        case .hotSet(_, let hot, let share):
            "\(keys), \(Figures.percent(share)) on \(Figures.count(hot))"
        }
    }
}

extension DurationDistribution {
    var shown: String {
        switch self {
        case .none: "none"
        case .fixed(let length): Figures.duration(length)
        case .uniform(let low, let high): "\(Figures.duration(low)) to \(Figures.duration(high))"
        case .exponential(let mean): "exponential \(Figures.duration(mean))"
        }
    }
}

extension FaultKind {
    var shown: String {
        switch self {
        case .drop: "drop"
        case .delay(let length, let order): "delay \(length.shown), \(order.rawValue)"
        case .duplicate(let extra): extra == 1 ? "duplicate" : "duplicate x \(extra)"
        case .fail(let isPoison, let afterEffect):
            (isPoison ? "poison" : "fail") + (afterEffect ? " after the effect" : "")
        case .hang: "hang"
        case .pause(let length): "pause for \(Figures.duration(length))"
        case .slow(let more): "slower by \(Figures.duration(more)) an event"
        case .crash(let point, let pause): "crash \(point.rawValue) for \(Figures.duration(pause))"
        }
    }
}

extension FaultSelector {
    func shown(in plan: ScenarioPlan) -> String {
        var words: [String] = []
        if let every { words.append("every \(Figures.count(Int(clamping: every)))") }
        if let nth { words.append("nth \(Figures.count(Int(clamping: nth)))") }
        if probability < 1 { words.append("probability \(Figures.decimal(probability))") }
        if let topic { words.append("topic \(plan.topics[Int(topic)].name)") }
        if let partition { words.append("partition \(partition)") }
        if let name = key.flatMap(plan.keyNames.name(of:)) { words.append("key \(name)") }
        if let first = producers?.first, Int(first) < plan.producers.count {
            words.append("producer \(plan.producers[Int(first)].name)")
        }
        if let group { words.append("group \(plan.groups[Int(group)].name)") }
        if let member { words.append("member \(member)") }
        if let attempt { words.append("attempt \(attempt)") }
        if from > .zero { words.append("from \(Figures.duration(from))") }
        if let length { words.append("for \(Figures.duration(length))") }
        return words.isEmpty ? "all" : words.joined(separator: ", ")
    }
}
