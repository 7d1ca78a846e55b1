/// A point in civil time, without locale or time zone.
public struct UTCTimestamp: Hashable, Sendable {
    private let year, month, day, hour, minute, second, millisecond: Int64

    /// The time `milliseconds` after 1970-01-01 00:00 UTC.
    ///
    /// - Note: the calendar's arithmetic is H. Hinnant's `civil_from_days`, 2013.
    public init(milliseconds: Int64) {
        let days = Self.floored(milliseconds, 86_400_000)
        let ofDay = milliseconds - days * 86_400_000
        let shifted = days + 719_468
        let era = Self.floored(shifted, 146_097)
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * ofYear + 2) / 153
        day = ofYear - (153 * fromMarch + 2) / 5 + 1
        month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        hour = ofDay / 3_600_000
        minute = ofDay / 60_000 % 60
        second = ofDay / 1000 % 60
        millisecond = ofDay % 1000
    }

    /// `20250131T235959.042Z`: sorts by time and needs no quoting.
    public var compact: String {
        padded(year, 4) + padded(month, 2) + padded(day, 2) + "T" + padded(hour, 2)
            + padded(minute, 2) + padded(second, 2) + "." + padded(millisecond, 3) + "Z"
    }

    /// `2025-01-31T23:59:59.042Z` (ISO 8601).
    public var extended: String {
        padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2) + "T" + padded(hour, 2)
            + ":" + padded(minute, 2) + ":" + padded(second, 2) + "." + padded(millisecond, 3) + "Z"
    }

    private static func floored(_ value: Int64, _ divisor: Int64) -> Int64 {
        value / divisor - (value % divisor < 0 ? 1 : 0)
    }

    private func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
