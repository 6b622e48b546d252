namespace GatewayOps.ControlPlane.Storage;

/// <summary>Every action that an audit row may name: the values of the metric's label, the types of events, and the table in docs/events.md.</summary>
public static class AuditActions
{
    public const string TokenCreate = "token.create";
    public const string TokenRotate = "token.rotate";
    public const string TokenRevoke = "token.revoke";
    public const string EventGivenUp = "event.given_up";
    public const string GatewayDrifted = "gateway.drifted";
    public const string GatewayChanged = "gateway.changed";

    /// <summary>In the order of the guide.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "content.activate", "content.add", "content.remove",
        EventGivenUp,
        GatewayChanged, "gateway.create", GatewayDrifted,
        "keys.put", "keys.remove", "keys.rotate",
        "reconcile",
        TokenCreate, TokenRevoke, TokenRotate,
    ];
}

/// <summary>How what was asked for ended.</summary>
public static class AuditResults
{
    public const string Ok = "ok";

    /// <summary>It was so already.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>Written before the call to Cloudflare, which no transaction of ours holds.</summary>
    public const string Asked = "asked";

    public const string Failed = "failed";

    public static IReadOnlyList<string> All { get; } = [Ok, Unchanged, Asked, Failed];
}
