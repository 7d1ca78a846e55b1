/// What the names of a scenario stand for, while it is read.
struct Declarations {
    var topics: [String: UInt16] = [:]
    /// The numbers of each declared producer's members.
    var producers: [String: Range<UInt16>] = [:]
    /// Group indices by the consumer's name, and by the group's.
    var consumers: [String: UInt16] = [:]
    var groups: [String: UInt16] = [:]
    var faults: Set<String> = []
}
