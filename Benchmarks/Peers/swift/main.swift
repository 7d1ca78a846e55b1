import CPeersProbe

/// Says what it has, then runs what standard input asks for: `CASE CANDIDATE ITEMS` a line.
let candidates = Candidates().runs

func say(_ line: String) {
    var bytes = Array((line + "\n").utf8)
    // SAFETY: the buffer lives through the call, which writes that many of its bytes.
    unsafe bytes.withUnsafeMutableBytes {
        unsafe peers_write($0.baseAddress, $0.count)
    }
}

for entry in candidates { say("has \(entry.name) \(entry.candidate)") }
say("ready")
while let line = readLine() {
    let words = line.split(separator: " ")
    guard words.count == 3, let items = UInt64(words[2]),
        let entry = candidates.first(where: { $0.name == words[0] && $0.candidate == words[1] })
    else { preconditionFailure("no such request: \(line)") }
    let before = peers_round_trip_ns()
    let outcome = try entry.run(items)
    let after = peers_round_trip_ns()
    say("\(outcome.value) \(before) \(after) \(outcome.violations) \(peers_lost_share())")
}
