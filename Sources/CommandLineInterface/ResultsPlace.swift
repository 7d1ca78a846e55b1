import Foundation
import RunRecords

/// Where results go, and what becomes of them when the disk does not take them.
struct ResultsPlace {
    let base: String

    /// A folder that cannot be written to is found out before the work, not after it.
    ///
    /// - Throws: `SessionFailure`.
    func requireWritable() throws {
        do throws(RunFolderError) {
            try RunFolder.requireWritable(base, probe: ".gyre-" + UUID().uuidString)
        } catch {
            throw SessionFailure(exit: .brokerGone, description: error.description)
        }
    }

    /// Stores results, in a temporary folder if the base does not take them.
    ///
    /// `record` gives the name and the text of what must not be lost, for standard error.
    /// - Returns: the folder's path, or `nil` if there is none.
    func store(
        _ name: String,
        _ write: (_ base: String) throws(RunFolderError) -> RunFolder,
        orElse record: () throws(RunFolderError) -> (file: String, contents: Data)
    ) -> String? {
        for place in [base, NSTemporaryDirectory() + "gyre-results"] {
            do throws(RunFolderError) {
                let path = try write(place).path
                if place != base { Console.complain("the results are in \(path) instead") }
                return path
            } catch {
                Console.complain("error: \(name): \(error)")
            }
        }
        do throws(RunFolderError) {
            let (file, contents) = try record()
            Console.complain("error: \(name): nothing is stored; \(file) follows")
            Console.complain(String(decoding: contents, as: UTF8.self))
        } catch {
            Console.complain("error: \(name): \(error)")
        }
        return nil
    }
}
