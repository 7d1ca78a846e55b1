import Testing

@testable import HistoryChecks

@Suite struct GuaranteeTableTests {
    @Test(
        "a history means for a guarantee what the table says",
        arguments: integrityCases + lossCases + copiesCases + redeliveryCases + livenessCases
            + attemptsCases + orderCases + totalOrderCases + effectsCases
    )
    func table(_ example: Case) throws {
        try check(
            example.guarantee,
            example.text,
            example.settings,
            expecting: example.expected,
            example.note
        )
    }
}
