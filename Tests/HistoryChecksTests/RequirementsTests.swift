import Messaging
import Testing

@testable import Histories
@testable import HistoryChecks

@Suite struct RequirementsTests {
    private let full = PromiseProfile(capabilities: [.confirm, .nack, .redelivery, .offsets])

    private func ids(_ expectations: Expectations, _ profile: PromiseProfile) -> [String] {
        Requirements.required(by: expectations, of: profile, hasAccounts: true)
            .sorted { $0.rawValue < $1.rawValue }.map(\.id)
    }

    @Test("expectations demand what the scenario format says")
    func demands() {
        #expect(ids(Expectations(), full) == ["A1", "A2", "A3", "A4"])
        let least = Expectations.demanding { $0.delivery = .atLeastOnce }
        let atLeastOnce =
            "A1 A2 A3 A4 A5 A6 A7 A18 A20 A21 A22 A23 A29".split(separator: " ").map(String.init)
        #expect(ids(least, full) == atLeastOnce)
        var spurious = full
        spurious.allowsSpuriousRedelivery = true
        #expect(ids(least, spurious) == atLeastOnce.filter { $0 != "A5" && $0 != "A7" })
        let plain = PromiseProfile(capabilities: [.confirm])
        #expect(ids(least, plain) == ["A1", "A2", "A3", "A4", "A29"])
        let most = Expectations.demanding { $0.delivery = .atMostOnce }
        #expect(ids(most, full) == ["A1", "A2", "A3", "A5"])
        let all = Expectations.demanding {
            $0.delivery = .some(.none)
            $0.ordering = .total
            $0.effect = .exactlyOnce
            $0.effectOrder = .perKey
            $0.unresolved = 0
        }
        let demanded = "A1 A2 A3 A8 A9 A11 A12 A15 A34 unresolved".split(separator: " ")
        #expect(ids(all, full) == demanded.map(String.init))
    }

    @Test("what was not promised is observed and does not fail the run")
    func observed() throws {
        var settings = HistorySettings(profile: full)
        settings.leaseNanoseconds = 100
        let text = Told.sent + Told.firstAcked + "300 2 ok deliver n=0 off=0 att=2 flag=1 inv=290"
        let found = try result(.a7, text, settings)
        #expect(!found.anomalies.isEmpty)
        #expect(!found.isViolation)
        settings.expectations.delivery = .atLeastOnce
        #expect(try result(.a7, text, settings).isViolation)
    }

    @Test("a demanded check without evidence is unknown")
    func noEvidence() throws {
        var settings = HistorySettings(profile: full)
        settings.expectations.effect = .exactlyOnce
        let found = try result(.a8, Told.sent + Told.firstAcked + Told.drained, settings)
        #expect(found.isInconclusive)
    }

    @Test("an effect that a fault took away is injected, one that nobody took the client's")
    func blameOfMissing() throws {
        var settings = HistorySettings(profile: full)
        settings.expectations.effect = .exactlyOnce
        let seen = Told.sends + "20 1 ok apply n=0\n19 1 ok deliver n=1\n" + Told.drained
        let client = try result(.a8, seen, settings)
        #expect(client.anomalies.map(\.blame) == [.client])
        let faulted = try result(.a8, "18 0 ok fault n=1\n" + seen, settings)
        #expect(faulted.anomalies.map(\.blame) == [.injected])
        let lost = Told.sends + "20 1 ok apply n=0\n19 1 ok deliver n=0\n" + Told.drained
        let broker = try result(.a8, lost, settings)
        #expect(broker.anomalies.map(\.blame) == [.broker])
    }

    @Test("every guarantee that can be judged is explained")
    func catalogue() {
        let judged: [Guarantee] = [
            .a1, .a2, .a3, .a4, .a5, .a6, .a7, .a8, .a9, .a11, .a18, .a20, .a21, .a22, .a23, .a29,
            .a34, .a38,
        ]
        #expect(judged.allSatisfy { $0.entry != nil })
        #expect(Guarantee(id: "a18") == .a18)
        #expect(Guarantee.broken(by: "lost") == .a4)
    }
}
