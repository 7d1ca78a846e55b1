import LatencyMetrics
import RunRecords
import Testing

@testable import Reports

/// Reads RFC 4180 independently of the writer: fields of each row, or `nil` if it is malformed.
private func parsed(_ text: String) -> [[String]]? {
    var rows: [[String]] = []
    var row: [String] = []
    var field = String.UnicodeScalarView()
    var isQuoted = false
    let scalars = Array(text.unicodeScalars)
    var place = 0
    while place < scalars.count {
        let scalar = scalars[place]
        let next = place + 1 < scalars.count ? scalars[place + 1] : nil
        if isQuoted {
            if scalar == "\"", next == "\"" {
                field.append("\"")
                place += 1
            } else if scalar == "\"" {
                isQuoted = false
            } else {
                field.append(scalar)
            }
        } else if scalar == "\"" {
            guard field.isEmpty else { return nil }
            isQuoted = true
        } else if scalar == "," || scalar == "\r" {
            row.append(String(field))
            field = String.UnicodeScalarView()
            if scalar == "\r" {
                guard next == "\n" else { return nil }
                place += 1
                rows.append(row)
                row = []
            }
        } else {
            guard scalar != "\n" else { return nil }
            field.append(scalar)
        }
        place += 1
    }
    return row.isEmpty && field.isEmpty && !isQuoted ? rows : nil
}

@Suite struct CSVReportsTests {
    @Test(
        "whatever stands in a field comes back",
        arguments: [
            "", "plain", "a,b", "\"", "\"\"", "a\nb", "a\rb", "a\r\nb", " spaces ", hostileName,
            "é,",
        ]
    )
    func roundTrip(field: String) throws {
        var table = CSVTable(header: ["x", "y", "z"])
        table.append([field, "1", field])
        #expect(parsed(table.text) == [["x", "y", "z"], [field, "1", field]])
    }

    @Test("every table has its header and as many fields in each row")
    func headers() throws {
        let record = sampleRecord()
        let tables: [(String, [String])] = [
            (CSVReports.summary(record), ["metric,value,unit,topic,group,producer,phase"]),
            (CSVReports.latency(record), ["metric,kind,group,phase,percentile,value_ns,count"]),
            (
                CSVReports.timeline(record),
                [
                    "start_ns,length_ns,published,confirmed,refused,delivered,acknowledged,applied",
                    "publish_p50_ns,publish_p99_ns,publish_max_ns,apply_p50_ns,apply_p99_ns",
                    "apply_max_ns,backlog,lag,held,in_flight,active_faults",
                ]
            ),
            (
                CSVReports.faults(record),
                ["name,fault,site,armed,eligible,fired,effective,masked,first_ns,last_ns"]
            ),
            (
                CSVReports.anomalies(record),
                ["id,name,side,blame,topic,partition,key,count"]
            ),
        ]
        for (text, header) in tables {
            let rows = try #require(parsed(text))
            #expect(rows[0].joined(separator: ",") == header.joined(separator: ","))
            #expect(rows.allSatisfy { $0.count == rows[0].count })
            #expect(rows.count > 1)
        }
    }

    @Test("the summary has totals, rates and the numbers of one topic or group")
    func summary() throws {
        let rows = try #require(parsed(CSVReports.summary(sampleRecord())))
        #expect(rows.contains(["published", "1234567", "events", "", "", "", ""]))
        #expect(rows.contains(["dead_lettered", "0", "events", "", "", "", ""]))
        #expect(rows.contains(["throughput", "19998.4", "events/s", "", "", "", ""]))
        #expect(rows.contains(["bytes_allocated_per_event", "0", "bytes", "", "", "", ""]))
        #expect(rows.contains(["published", "7", "events", hostileName, "", "web", ""]))
        #expect(rows.contains(["ratio", "0.1", "", "", "billing", "", "measured"]))
    }

    @Test("latencies are whole nanoseconds with the number of samples")
    func latency() throws {
        let rows = try #require(parsed(CSVReports.latency(sampleRecord())))
        #expect(rows.count == 1 + 3 * 10)
        #expect(rows[1] == ["apply", "response", "billing", "measured", "0", "1500", "1000"])
        #expect(rows[2] == ["apply", "response", "billing", "measured", "50", "500735", "1000"])
        #expect(
            rows[10] == ["apply", "response", "billing", "measured", "100", "1000500", "1000"]
        )
        #expect(rows.map { $0[4] }.contains("99.999"))
        var empty = sampleRecord()
        empty.latencies = [
            LabelledHistogram(
                stage: .publish,
                kind: .service,
                group: "",
                phase: "measured",
                histogram: HistogramSnapshot()
            )
        ]
        #expect(parsed(CSVReports.latency(empty))?.count == 1)
    }

    @Test("the timeline has backlog, lag and the faults that were active")
    func timeline() throws {
        let rows = try #require(parsed(CSVReports.timeline(sampleRecord())))
        #expect(rows.count == 4)
        let empty = ["", "", ""]
        #expect(
            rows[1] == ["0", "1000000000", "0", "100", "0", "0", "0", "0"] + empty + empty
                + ["200", "100", "0", "9", "late;first"]
        )
        #expect(
            rows[2].suffix(8) == ["2000", "2000", "2000", "400", "200", "0", "9", "late"]
        )
        #expect(rows[3].suffix(5) == ["600", "300", "0", "9", hostileName])
    }

    @Test("faults and anomalies are written as they are")
    func findings() throws {
        let faults = try #require(parsed(CSVReports.faults(sampleRecord())))
        #expect(
            faults[1] == ["late", "delay", "deliver", "1", "1000", "20", "19", "18", "5", "77"]
        )
        #expect(faults[2] == [hostileName, "crash", "", "0", "0", "0", "0", "0", "", ""])
        let anomalies = try #require(parsed(CSVReports.anomalies(sampleRecord())))
        #expect(
            anomalies[1] == [
                "A8", "duplicate-effect", "application", "injected", "orders", "3", hostileName,
                "12",
            ]
        )
        #expect(anomalies[2] == ["A1", "phantom", "broker", "broker", "", "", "", "1"])
    }
}
