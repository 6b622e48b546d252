using System.Text.Json;
using System.Text.Json.Nodes;

namespace GatewayOps.Rules.Stacks;

/// <summary>Something about a gateway that nobody should get by accident. <paramref name="Field"/>: the gateway field that brings it about, by Cloudflare's name.</summary>
public sealed record StackFinding(string Policy, string Field, string Message);

/// <summary>
/// What a declared gateway is held to before anything is made of it. Each policy is accepted by name, with a reason, where it does not fit. Pure; the Pulumi program refuses to
/// run on a finding that is not accepted, and `stack import` accepts what it finds, so that it shows.
/// </summary>
public static class StackPolicies
{
    public const string AuthenticationOff = "authentication-off";
    public const string PromptsLogged = "prompts-logged";
    public const string NoRateLimit = "no-rate-limit";
    public const string KeyInClear = "key-in-clear";

    /// <summary>Every name that can be accepted.</summary>
    public static IReadOnlyList<string> Names { get; } = [AuthenticationOff, PromptsLogged, NoRateLimit, KeyInClear];

    // One row per way to break one. Logs, logpush and trace exporters all carry prompts and answers.
    private static readonly (string Policy, string Field, Func<JsonObject, bool> Breaks, string Message)[] Table =
    [
        (AuthenticationOff, "authentication", fields => !Flag(fields, "authentication"), "whoever knows its address may use the gateway and the keys stored for it"),
        (PromptsLogged, "collect_logs", fields => Flag(fields, "collect_logs"), "Cloudflare keeps prompts and answers of every request"),
        (PromptsLogged, "logpush", fields => Flag(fields, "logpush"), "prompts and answers leave for the logpush destination"),
        (PromptsLogged, "otel", fields => fields["otel"] is JsonArray { Count: > 0 }, "prompts and answers leave for the trace exporters"),
        (NoRateLimit, "rate_limiting_limit", fields => Number(fields, "rate_limiting_limit") <= 0 || Number(fields, "rate_limiting_interval") <= 0, "one caller in a loop spends without a bound"),
    ];

    /// <param name="fields">A gateway's fields by Cloudflare's names; one that is missing or null is off.</param>
    public static IEnumerable<StackFinding> Of(JsonObject fields) => Table.Where(row => row.Breaks(fields)).Select(row => new StackFinding(row.Policy, row.Field, row.Message));

    private static bool Flag(JsonObject fields, string name) => fields[name]?.GetValueKind() == JsonValueKind.True;

    private static double Number(JsonObject fields, string name) => fields[name] is JsonValue value && value.GetValueKind() == JsonValueKind.Number && double.TryParse(value.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;
}
