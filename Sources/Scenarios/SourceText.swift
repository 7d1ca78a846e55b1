import Foundation

/// Reads a scenario file without trusting it: bounded, regular, UTF-8.
enum SourceText {
    /// Why a file could not be read, in the system's words if it has any.
    static func reason(_ error: any Error) -> String {
        let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
        guard let underlying, underlying.domain == NSPOSIXErrorDomain else {
            return error.localizedDescription
        }
        // SAFETY: strerror answers a string that lasts until its next call, and is copied here.
        return unsafe String(cString: strerror(Int32(underlying.code))).lowercased()
    }

    /// The bytes of a text file, checked before anything is parsed.
    static func read(path: String, mostBytes: Int, findings: Findings) -> String? {
        let position = Position(source: path)
        guard !path.isEmpty, !path.contains("\0") else {
            findings.error("\(quoted(path)) is not a path", at: position)
            return nil
        }
        guard let size = regularFileSize(path: path, position: position, findings: findings)
        else { return nil }
        guard size <= mostBytes else {
            findings.error(tooLarge(size, mostBytes: mostBytes), at: position)
            return nil
        }
        guard let handle = FileHandle(forReadingAtPath: path) else {
            findings.error("cannot be read: permission denied", at: position)
            return nil
        }
        do {
            let data = try handle.read(upToCount: mostBytes + 1) ?? Data()
            try handle.close()
            guard data.count <= mostBytes else {
                findings.error(tooLarge(data.count, mostBytes: mostBytes), at: position)
                return nil
            }
            return decode([UInt8](data), position: position, findings: findings)
        } catch {
            findings.error("cannot be read: \(reason(error))", at: position)
            return nil
        }
    }

    /// The text of `bytes` without a byte order mark, if it is UTF-8 that YAML allows.
    static func decode(_ bytes: [UInt8], position: Position, findings: Findings) -> String? {
        var bytes = bytes[...]
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            findings.error("is UTF-16; save it as UTF-8", at: position)
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let place = placeOfInvalidByte(in: bytes, source: position.source)
            findings.error("is not UTF-8; save it as UTF-8", at: place)
            return nil
        }
        return forbidsCharacters(in: text, source: position.source, findings: findings)
            ? nil : text
    }

    /// The size of the regular file at `path`; says what is wrong if there is none.
    static func regularFileSize(path: String, position: Position, findings: Findings) -> Int? {
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let attributes: [FileAttributeKey: Any]
        do {
            attributes = try FileManager.default.attributesOfItem(atPath: resolved)
        } catch {
            let isThere = FileManager.default.fileExists(atPath: resolved)
            let why = isThere ? "cannot be read: \(reason(error))" : "no such file"
            findings.error(why, at: position)
            return nil
        }
        let type = attributes[.type] as? FileAttributeType
        guard type == .typeRegular else {
            let what = type == .typeDirectory ? "is a folder, not a file" : "is not a regular file"
            findings.error(what, at: position)
            return nil
        }
        return (attributes[.size] as? NSNumber)?.intValue ?? 0
    }

    private static func tooLarge(_ size: Int, mostBytes: Int) -> String {
        "is \(Figures.bytes(size)) long; a scenario file has at most \(Figures.bytes(mostBytes))"
    }

    private static func placeOfInvalidByte(in bytes: ArraySlice<UInt8>, source: String) -> Position
    {
        let repaired = String(decoding: bytes, as: UTF8.self)
        var (line, column) = (1, 1)
        for scalar in repaired.unicodeScalars {
            if scalar == "\u{FFFD}" { break }
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        return Position(source: source, line: line, column: column)
    }

    private static func forbidsCharacters(
        in text: String,
        source: String,
        findings: Findings
    )
        -> Bool
    {
        var (line, column) = (1, 1)
        for scalar in text.unicodeScalars {
            guard isPrintable(scalar) else {
                let code = String(scalar.value, radix: 16, uppercase: true)
                let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
                findings.error(
                    "contains the control character U+\(padded), which YAML does not allow",
                    at: Position(source: source, line: line, column: column)
                )
                return true
            }
            (line, column) = scalar == "\n" ? (line + 1, 1) : (line, column + 1)
        }
        return false
    }

    /// The characters of YAML 1.1, without a byte order mark in the middle.
    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0x1_0000...0x10_FFFF: true
        case 0xE000...0xFFFD: scalar.value != 0xFEFF
        default: false
        }
    }
}
