import ArgumentParser
import Messaging

/// Lists the drivers.
struct DriversCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drivers",
        abstract: "Lists the drivers: what each promises, and what is usable here."
    )

    func run() {
        for entry in DriverCatalogue.entries {
            Console.print("\(entry.name): \(entry.what)")
            Console.print("  here: \(entry.missing ?? "usable")")
            Console.print("  promises: \(Self.promises(entry.profile))")
        }
    }

    private static func promises(_ profile: PromiseProfile?) -> String {
        guard let profile else { return "what the program declares when it is opened" }
        var words = profile.capabilities.names
        if profile.isOrdered { words.append("ordered partitions") }
        if profile.fencesReceipts { words.append("fenced receipts") }
        if profile.deduplicationWindow > 0 {
            words.append("repeats known \(profile.deduplicationWindow) back")
        }
        return words.isEmpty ? "nothing" : words.joined(separator: ", ")
    }
}
