public import ArgumentParser
import RunRecords

/// The command `gyre`: drives event brokers, breaks them, proves what they kept.
public struct Gyre: ParsableCommand {
    /// What the command is and which subcommands it has.
    public static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "gyre",
            abstract: "Drives event brokers with load, injects faults, proves what they kept.",
            discussion: """
                Start with: gyre run scenarios/quickstart.yaml
                Exit codes: 0 all held · 1 a guarantee was violated · 2 bad usage or scenario · \
                3 broker missing or dead · 4 inconclusive · 5 threshold missed · 70 a fault of \
                Gyre itself · 130 interrupted. `gyre explain exit-codes` says more.
                """,
            version: GyreVersion.text,
            subcommands: [
                RunCommand.self, BenchCommand.self, CheckCommand.self, DriversCommand.self,
                ExplainCommand.self,
            ]
        )
    }

    /// A command without arguments, which prints its help.
    public init() {}

    /// Parses the process's arguments, runs the subcommand and ends the process with its code.
    public static func start() -> Never {
        Console.prepare()
        CrashWatch.begin()
        do {
            var command = try parseAsRoot()
            do {
                try command.run()
            } catch let error as ValidationError {
                refuse(error, by: type(of: command))
            }
            Self.exit()
        } catch let code as ExitCode {
            Self.exit(withError: code)
        } catch {
            end(with: error)
        }
    }

    /// Ends the process because of a value that a command has refused, as the parser does for those
    /// that it refuses itself.
    private static func refuse(
        _ error: ValidationError,
        by command: any ParsableCommand.Type
    ) -> Never {
        let name = command.configuration.commandName ?? ""
        Console.complain(
            """
            Error: \(error.message)
            Usage: \(usageString(for: command))
              See 'gyre \(name) --help' for more information.
            """
        )
        Self.exit(withError: GyreExit.usage.code)
    }

    /// Ends the process because of a request for help, bad usage, or what nobody thought of.
    private static func end(with error: any Error) -> Never {
        let text = fullMessage(for: error)
        switch exitCode(for: error) {
        case .success:
            Console.print(text)
            Self.exit()
        case .validationFailure:
            Console.complain(text)
            Self.exit(withError: GyreExit.usage.code)
        default:
            Console.complain("\(text)\nthis is a fault of Gyre itself; please report it")
            Self.exit(withError: GyreExit.ownFault.code)
        }
    }
}

/// This build's version.
enum GyreVersion {
    static let text = "0.1.0"

    static var record: VersionRecord {
        var versions = VersionRecord()
        versions.gyre = text
        #if swift(>=6.3)
        versions.swift = "6.3 or later"
        #else
        versions.swift = "6.2"
        #endif
        #if DEBUG
        versions.build = "debug"
        #else
        versions.build = "release"
        #endif
        return versions
    }
}
