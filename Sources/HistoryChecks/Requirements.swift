public import Messaging

/// Which guarantees a run stands or falls by.
public enum Requirements {
    /// What `expectations` demand of a driver that promises `profile`.
    ///
    /// `hasAccounts` says whether the broker has declared its drops and its queue: without, the
    /// conservation check has no input and cannot be demanded.
    public static func required(
        by expectations: Expectations,
        of profile: PromiseProfile,
        hasAccounts: Bool
    ) -> Set<Guarantee> {
        var required = delivery(expectations, profile, hasAccounts: hasAccounts)
        switch expectations.ordering {
        case .perKey, .perProducer: required.insert(.a11)
        case .total: required.formUnion([.a11, .a12, .a15])
        case nil, .some(.none): break
        }
        switch expectations.effect {
        case .exactlyOnce: required.formUnion([.a8, .a9])
        case .atLeastOnce, .atMostOnce: required.insert(.a8)
        case nil, .some(.none): break
        }
        if expectations.effectOrder == .perKey { required.insert(.a34) }
        if expectations.unresolved != nil { required.insert(.unresolved) }
        return required
    }

    private static func delivery(
        _ expectations: Expectations,
        _ profile: PromiseProfile,
        hasAccounts: Bool
    ) -> Set<Guarantee> {
        switch expectations.delivery {
        case nil: return [.a1, .a2, .a3, .a4]
        case .some(.none): return [.a1, .a2, .a3]
        case .atMostOnce: return [.a1, .a2, .a3, .a5]
        case .atLeastOnce: break
        }
        var required: Set<Guarantee> = [.a1, .a2, .a3, .a4]
        if hasAccounts { required.insert(.a29) }
        if profile.capabilities.contains(.offsets) { required.insert(.a6) }
        if profile.capabilities.contains([.redelivery, .nack]) {
            required.formUnion([.a5, .a7, .a18, .a20, .a21, .a22, .a23])
        }
        if profile.allowsSpuriousRedelivery { required.subtract([.a5, .a7]) }
        return required
    }
}
