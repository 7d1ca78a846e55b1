/// Why a workload could not be prepared.
public enum WorkloadError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A payload file could not be read.
    case unreadable(path: String, reason: String)
    /// A file that should have lines has none.
    case noLines(path: String)
    /// Bodies would take more memory than a workload may.
    case tooLarge(what: String, bytes: Int, limit: Int)

    /// What, where, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "cannot read the payload file \(path): \(reason); "
                + "give a path relative to the scenario's folder or the current one"
        case .noLines(let path):
            "the payload file \(path) has no lines; put one payload on each line"
        case .tooLarge(let what, let bytes, let limit):
            "\(what) would take \(bytes) bytes of memory, the limit is \(limit); "
                + "use fewer or smaller payloads"
        }
    }
}
