import ArgumentParser
import HistoryChecks

/// Says what names mean.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Says what a guarantee, anomaly, metric or exit code means."
    )

    @Argument(help: "A name such as A4, lost, masked or exit-codes; without it: all of them.")
    var name: String?

    func run() throws {
        guard let name else {
            Console.print(Explanations.index)
            return
        }
        guard let text = Explanations.text(for: name) else {
            let near = Explanations.nearest(to: name).map { "; did you mean '\($0)'?" } ?? ""
            Console.complain("error: nothing is called \(name.debugDescription)\(near)")
            Console.complain("`gyre explain` lists everything that has an explanation")
            throw GyreExit.usage.code
        }
        Console.print(text)
    }
}
