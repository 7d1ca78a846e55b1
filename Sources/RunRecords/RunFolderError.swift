/// Why a run's results could not be stored or read.
public enum RunFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A system call failed.
    case system(action: String, path: String, code: Int32, reason: String)
    /// A name that is not a plain file name.
    case badFileName(String)
    /// A folder without `run.json`: the run did not finish, or it is no run.
    case unfinished(path: String)
    /// A file that is no run record.
    case malformed(path: String, reason: String)
    /// A record of a newer Gyre.
    case tooNew(path: String, version: Int)
    /// A record that JSON cannot express.
    case unencodable(String)

    /// What, where, and what to do.
    public var description: String {
        switch self {
        case .system(let action, let path, let code, let reason):
            "cannot \(action) \(path): \(reason); \(Self.remedy(code))"
        case .badFileName(let name):
            "\(name.debugDescription) is not a file name; use letters, digits, '.', '-' and '_'"
        case .unfinished(let path):
            "\(path) has no run.json: the run did not finish, or this is not a run's folder; "
                + "give a folder that `gyre run` has written"
        case .malformed(let path, let reason):
            "\(path) is not a run record: \(reason); run the scenario again"
        case .tooNew(let path, let version):
            "\(path) has format version \(version), this build reads up to "
                + "\(RunRecord.currentFormatVersion); use a newer gyre"
        case .unencodable(let reason):
            "the run record cannot be written as JSON: \(reason)"
        }
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case SystemCode.noSpace, SystemCode.quota:
            "free some space, or choose another folder with --out"
        case SystemCode.noPermission, SystemCode.readOnly, SystemCode.notPermitted:
            "choose a folder that you may write to with --out"
        case SystemCode.noEntry: "check the path"
        default: "choose another folder with --out"
        }
    }
}
