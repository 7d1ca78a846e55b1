public import Foundation

extension RunRecord {
    /// The stored form: the same bytes for the same record.
    public func encoded() throws(RunFolderError) -> Data { try Self.stored(self) }

    /// What a record of any kind looks like on disk.
    static func stored(_ record: some Encodable) throws(RunFolderError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.nonConformingFloatEncodingStrategy = spelledFloats
        do {
            return try encoder.encode(record)
        } catch {
            throw .unencodable("\(error)")
        }
    }

    /// Reads a stored record; `path` is named in errors.
    public init(decoding data: Data, path: String) throws(RunFolderError) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        do {
            let version = try decoder.decode(VersionOnly.self, from: data).formatVersion
            guard version <= Self.currentFormatVersion else {
                throw RunFolderError.tooNew(path: path, version: version)
            }
            self = try decoder.decode(RunRecord.self, from: data)
        } catch let error as RunFolderError {
            throw error
        } catch {
            throw .malformed(path: path, reason: "\(error)")
        }
    }

    private static let spelledFloats = JSONEncoder.NonConformingFloatEncodingStrategy
        .convertToString(positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")

    private struct VersionOnly: Decodable {
        var formatVersion: Int
    }
}
