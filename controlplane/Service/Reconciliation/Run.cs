using System.Text.Json;
using System.Text.Json.Serialization;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>One pass over one gateway, as it is answered and kept.</summary>
public sealed record Run(
    Guid Id,
    string Gateway,
    string Trigger,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    string Outcome,
    string? Revision,
    string? PlanHash,
    IReadOnlyList<RunChange> Changes,
    string? Error)
{
    public static Run Of(RunRow row) => new(
        row.Id, row.Gateway, row.Trigger, row.StartedAt, row.FinishedAt, row.Outcome, row.Revision, row.PlanHash, StoredJson.Read<IReadOnlyList<RunChange>>(row.Changes), row.Error);
}

/// <summary>A change and what became of it: `done`, `failed`, `not_done` (a change before it failed) or `reported`. <paramref name="Drift"/>: the revision had been applied before, so somebody else moved it.</summary>
public sealed record RunChange(
    ChangeOp Op,
    ObjectKind Kind,
    string Key,
    string Reason,
    string Result,
    bool Drift,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Field,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FieldValue? From,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FieldValue? To,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] FieldOwner? Owner)
{
    public static RunChange Of(Change change, string result, bool drift) =>
        new(change.Op, change.Kind, change.Key, change.Reason, result, drift, change.Field, change.From, change.To, change.Owner);
}

/// <summary>How a run ended.</summary>
public static class RunOutcome
{
    public const string Running = "running";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";

    /// <summary>Its process died; found by the next one.</summary>
    public const string Interrupted = "interrupted";

    public static IReadOnlyList<string> All { get; } = [Running, Succeeded, Failed, Interrupted];
}

/// <summary>Why a run began.</summary>
public static class RunTrigger
{
    public const string Execute = "execute";
    public const string Rollback = "rollback";
    public const string Interval = "interval";
    public const string Signal = "signal";
    public const string Keys = "keys";
    public const string Resume = "resume";
    public const string Create = "create";

    public static IReadOnlyList<string> All { get; } = [Execute, Rollback, Interval, Signal, Keys, Resume, Create];
}

/// <summary>The spelling of JSON columns.</summary>
internal static class StoredJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options)!;
}
