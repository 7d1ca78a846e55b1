import Testing

/// The same questions to every driver, as far as its declared capabilities go.
@Suite(.serialized)
struct DriverConformanceTests {
    @Test(
        "a driver in this process keeps what it declares",
        .timeLimit(.minutes(1)),
        arguments: Examination.all(of: Subject.inProcess)
    )
    func inProcess(_ examination: Examination) throws {
        try examination.subject.examine(examination.promise)
    }

    @Test(
        "the subprocess driver keeps what the sample broker declares",
        .timeLimit(.minutes(1)),
        .enabled(if: Python.isInstalled, "python3 is not installed"),
        arguments: Examination.all(of: Subject.inPython)
    )
    func inPython(_ examination: Examination) throws {
        try examination.subject.examine(examination.promise)
    }
}
