import Foundation
import Messaging
import NullDriver
import RingDriver
import SubprocessDriver
import Testing

/// A driver that the suite examines, its types erased.
struct Subject: Sendable {
    let name: String
    /// What it owes, given what it declares.
    let promises: [Promise]
    let examine: @Sendable (Promise) throws -> Void

    /// A driver with what it must declare; `delivers` is false for one that keeps nothing.
    init<Driver: BrokerDriver>(
        _ driver: Driver,
        _ variant: String = "",
        declares declared: Capabilities,
        delivers: Bool = true
    ) {
        name = Driver.name + variant
        promises = Promise.allCases.filter {
            declared.isSuperset(of: $0.needs) && (delivers || !$0.needsDelivery)
        }
        examine = { promise in
            let rig = try Rig(driver, promise.plan)
            // A capability that went away would take its promises with it unseen.
            #expect(rig.session.profile.capabilities == declared)
            try promise.examine(rig)
        }
    }

    /// The drivers that need nothing; a further one is one line.
    static let inProcess = [
        Subject(NullDriver(), declares: .confirm, delivers: false),
        Subject(
            RingDriver(),
            declares: [
                .confirm, .nack, .redelivery, .offsets, .extend, .dedup, .keyOrder,
            ]
        ),
        Subject(
            RingDriver(intake: .lockFree),
            " with intake: lock-free",
            declares: [
                .confirm, .nack, .redelivery, .offsets, .extend, .dedup, .keyOrder,
            ]
        ),
    ]

    /// The drivers that need Python.
    static let inPython = [
        Subject(
            SubprocessDriver(command: Python.sampleBroker),
            declares: [
                .confirm, .nack, .redelivery, .offsets, .extend, .dedup, .keyOrder,
            ]
        )
    ]
}

/// One promise of one driver.
struct Examination: Sendable, CustomTestStringConvertible {
    let subject: Subject
    let promise: Promise

    var testDescription: String { "\(subject.name): \(promise.rawValue)" }

    /// All that `subjects` owe.
    static func all(of subjects: [Subject]) -> [Examination] {
        subjects.flatMap { subject in
            subject.promises.map { Examination(subject: subject, promise: $0) }
        }
    }
}

/// Where the sample brokers are.
enum Python {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Brokers").path()

    static let sampleBroker = ["python3", folder + "/sample_broker.py"]

    static func faultyBroker(_ defect: String, _ options: String...) -> [String] {
        ["python3", folder + "/faulty_broker.py", "--defect", defect] + options
    }

    static let isInstalled: Bool = {
        let places = ProcessInfo.processInfo.environment["PATH", default: ""].split(separator: ":")
        return places.contains {
            FileManager.default.isExecutableFile(atPath: $0 + "/python3")
        }
    }()
}
