/// Finds what somebody probably meant.
public enum Suggestion {
    /// The candidate nearest to `word`, if it is near enough to be a slip.
    ///
    /// Near enough: at most a third of the longer word has to change, one letter always may.
    static func nearest(to word: String, among candidates: [String]) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars)
        guard !wanted.isEmpty, wanted.count <= 64 else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in candidates {
            let letters = Array(candidate.lowercased().unicodeScalars)
            guard letters.count <= 64 else { continue }
            let distance = Self.distance(wanted, letters)
            let allowed = max(1, max(wanted.count, letters.count) / 3)
            guard distance <= allowed, distance < (best?.distance ?? .max) else { continue }
            best = (candidate, distance)
        }
        return best?.name
    }

    /// `; did you mean 'capacity'?`, or what there is to choose from.
    public static func hint(for word: String, among candidates: [String]) -> String {
        if let nearest = nearest(to: word, among: candidates) {
            return "; did you mean \(quoted(nearest))?"
        }
        guard !candidates.isEmpty, candidates.count <= 20 else { return "" }
        return "; use \(alternatives(candidates))"
    }

    /// Edits, with the swap of two neighbours counted as one.
    /// - Note: optimal string alignment, after Damerau, "A technique for computer detection and
    ///   correction of spelling errors", CACM 1964.
    static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast = [Int](repeating: 0, count: right.count + 1)
        var last = Array(0...right.count)
        for (row, letter) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, current[column] + 1)
                cost = min(cost, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, beforeLast[column - 1] + 1)
                }
                current.append(cost)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
