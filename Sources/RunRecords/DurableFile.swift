import Foundation

/// The error numbers that messages and callers tell apart.
enum SystemCode {
    static let noEntry = ENOENT
    static let exists = EEXIST
    static let notFolder = ENOTDIR
    static let noSpace = ENOSPC
    static let quota = EDQUOT
    static let noPermission = EACCES
    static let notPermitted = EPERM
    static let readOnly = EROFS
}

/// Files that appear whole or not at all, even if the machine loses power.
enum DurableFile {
    /// Writes `contents` under a temporary name, makes it durable and gives it its own name.
    ///
    /// Refuses a name that is taken. Two writers of one folder are not told apart: a run's folder
    /// belongs to the run that created it.
    static func write(_ contents: Data, to path: String) throws(RunFolderError) {
        // SAFETY: the path is bridged for the length of the call, here and below.
        guard unsafe access(path, F_OK) != 0 else {
            throw .system(action: "create", path: path, code: EEXIST, reason: "it exists already")
        }
        let temporary = path + ".partial"
        do throws(RunFolderError) {
            try writeWhole(contents, to: temporary)
            guard unsafe rename(temporary, path) == 0 else { throw failure("create", path) }
        } catch {
            unsafe unlink(temporary)
            throw error
        }
        try synchronise(folderOf: path)
    }

    static func read(_ path: String) throws(RunFolderError) -> Data {
        // SAFETY: the path is bridged for the length of the call.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("read", path) }
        defer { close(file) }
        var contents = Data()
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            // SAFETY: at most the chunk is written, and no pointer kept.
            let count = unsafe Foundation.read(file, &chunk, chunk.count)
            if count > 0 { contents.append(contentsOf: chunk[..<count]) }
            if count == 0 { return contents }
            guard count > 0 || errno == EINTR else { throw failure("read", path) }
        }
    }

    static func remove(_ path: String) throws(RunFolderError) {
        // SAFETY: the path is bridged for the length of the call.
        guard unsafe unlink(path) == 0 else { throw failure("remove", path) }
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        // SAFETY: one `stat` is written, and no pointer kept.
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Creates one folder; false if the name is taken.
    static func createFolder(_ path: String) throws(RunFolderError) -> Bool {
        // SAFETY: the path is bridged for the length of the call.
        if unsafe mkdir(path, 0o777) == 0 { return true }
        if errno == EEXIST { return false }
        throw failure("create the folder", path)
    }

    /// Creates a folder and those above it, as far as they are missing.
    static func createFolders(_ path: String) throws(RunFolderError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            prefix += part + "/"
            if isFolder(prefix) { continue }
            // Another run may create it between the two calls.
            if try !createFolder(String(prefix.dropLast())), !isFolder(prefix) {
                throw .system(
                    action: "create the folder",
                    path: path,
                    code: ENOTDIR,
                    reason: "\(prefix.dropLast()) is no folder"
                )
            }
        }
    }

    private static func writeWhole(_ contents: Data, to path: String) throws(RunFolderError) {
        // SAFETY: the path is bridged for the length of the call.
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else { throw failure("create", path) }
        try fill(file, with: contents, path: path)
    }

    /// Writes `contents` to an open file, makes them durable and closes it.
    static func fill(_ file: Int32, with contents: Data, path: String) throws(RunFolderError) {
        var written = 0
        while written < contents.count {
            // SAFETY: the bytes are used inside the closure alone.
            let count = unsafe contents.withUnsafeBytes { bytes in
                // SAFETY: written < count, so the rest lies inside.
                unsafe Foundation.write(
                    file,
                    bytes.baseAddress.map { unsafe $0 + written },
                    bytes.count - written
                )
            }
            guard count >= 0 || errno == EINTR else {
                let failed = failure("write", path)
                close(file)
                throw failed
            }
            written += max(0, count)
        }
        // A device such as a terminal or a null device has nothing to make durable.
        guard fsync(file) == 0 || errno == EINVAL else {
            let failed = failure("write", path)
            close(file)
            throw failed
        }
        // Some file systems report a full disk no earlier than this.
        guard close(file) == 0 else { throw failure("write", path) }
    }

    private static func synchronise(folderOf path: String) throws(RunFolderError) {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let folder = end == path.startIndex ? "." : String(path[..<end])
        // SAFETY: the path is bridged for the length of the call.
        let file = unsafe open(folder, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", folder) }
        defer { close(file) }
        // Some file systems cannot synchronise a folder; then the rename is as durable as it gets.
        guard fsync(file) == 0 || errno == EINVAL else { throw failure("write", folder) }
    }

    private static func failure(_ action: String, _ path: String) -> RunFolderError {
        let code = errno
        // SAFETY: `strerror` gives a string that lives until the thread's next call of it.
        let reason = unsafe String(cString: strerror(code))
        return .system(action: action, path: path, code: code, reason: reason)
    }
}
