/// Reads `run`.
struct RunReader {
    let findings: Findings

    func read(_ node: ScenarioNode, into phases: inout RunPhases) {
        let keys = ["warmup", "duration", "drain", "seed"]
        guard let fields = Fields(node, "'run'", keys: keys, findings: findings) else { return }
        phases.warmup = fields.duration("warmup") ?? phases.warmup
        phases.duration = fields.duration("duration", isPositive: true) ?? phases.duration
        phases.drain = fields.duration("drain", isPositive: true) ?? phases.drain
        guard let text = fields.text("seed") else { return }
        guard let seed = Seed.read(text) else {
            findings.error("\(quoted(text)) \(Seed.problem)", at: fields.position("seed"))
            return
        }
        phases.seed = seed
    }
}
