import Foundation

func say(_ line: String) {
    FileHandle.standardOutput.write(Data("\(line)\n".utf8))
}

// soak MINUTES: works every kind of ring hard in turn, one line a minute, and ends with 1 at the
// first item that is lost, repeated or out of order. A ring that hangs prints no more lines.
guard CommandLine.arguments.count == 2, let minutes = Int(CommandLine.arguments[1]), minutes > 0
else {
    say("usage: soak MINUTES")
    exit(2)
}
say("minute," + SoakCase.all.map { "\($0.name) M items/s" }.joined(separator: ",") + ",faults")
let seconds = Int64(60 / SoakCase.all.count)
for minute in 1...minutes {
    var rates: [String] = []
    var faults: [String] = []
    for soaked in SoakCase.all {
        let slice = try soaked.soak(seconds: seconds)
        rates.append(String(format: "%.2f", Double(slice.items) / Double(seconds) / 1e6))
        if let fault = slice.fault(copies: soaked.copies) {
            faults.append("\(soaked.name): \(fault)")
        }
    }
    let verdict = faults.isEmpty ? "none" : faults.joined(separator: "; ")
    say("\(minute)," + rates.joined(separator: ",") + ",\(verdict)")
    if !faults.isEmpty { exit(1) }
}
