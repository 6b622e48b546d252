namespace GatewayOps.ControlPlane.Storage;

/// <summary>Every action that an audit row may name: the values of the metric's label, the types of events, and the table in docs/events.md.</summary>
public static class AuditActions
{
    public const string TokenCreate = "token.create";
    public const string TokenRotate = "token.rotate";
    public const string TokenRevoke = "token.revoke";
    public const string LogsBackfill = "logs.backfill";
    public const string LogsBackfillCancel = "logs.backfill_cancel";
    public const string EventGivenUp = "event.given_up";

    /// <summary>In the order of the guide.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "change.create", "change.delete", "change.update",
        "content.activate", "content.add", "content.remove",
        "drift.found", "drift.repair",
        EventGivenUp,
        "gateway.contest", "gateway.control", "gateway.create", "gateway.pause", "gateway.resume",
        "keys.put", "keys.remove", "keys.rotate",
        LogsBackfill, LogsBackfillCancel,
        "reconcile",
        "stack.adopt", "stack.remove",
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

    /// <summary>A difference that belongs to somebody else, and is left alone.</summary>
    public const string Reported = "reported";

    public const string Observed = "observed";
    public const string Paused = "paused";
    public const string Contested = "contested";

    public static IReadOnlyList<string> All { get; } = [Ok, Unchanged, Asked, Failed, Reported, Observed, Paused, Contested];
}
