using System.Text.Json;
using System.Text.RegularExpressions;
using static GatewayOps.Emulator.Management.Shapes;

namespace GatewayOps.Emulator.Management.Gateways;

/// <summary>The body of a gateway create and update (contract section 2.1).</summary>
public sealed class GatewayShape
{
    private static readonly string[] GuardrailCategories =
        ["P1", "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", "S12", "S13"];

    // The contract has no bound: what a double still counts one by one.
    private const double LargestInteger = 9_007_199_254_740_991;

    public static Shape Id { get; } = Text(1, 64, new Regex("^[a-z0-9_]+(?:-[a-z0-9_]+)*$", RegexOptions.NonBacktracking));

    private static readonly Shape Guardrails = Closed([.. GuardrailCategories.Select(category => new Member(category, OneOf("FLAG", "BLOCK")))]);

    private static readonly Member[] DlpAction = [new("action", OneOf("BLOCK", "FLAG"), Required: true), new("enabled", Flag, Required: true), new("profiles", ArrayOf(Text()), Required: true)];

    private static readonly Shape DlpPolicies = ObjectOf(
        new Member("enabled", Flag, Required: true),
        new Member("policies", ArrayOf(ObjectOf([
            new Member("id", Text(), Required: true), .. DlpAction,
            new Member("check", ArrayOf(OneOf("REQUEST", "RESPONSE")), Required: true)])), Required: true));

    private static readonly Member[] Filter = [new("mode", OneOf("filter"), Required: true), new("values", ArrayOf(Text()), Required: true)];

    private static readonly Shape MetadataDimension = Either(
        value => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("mode", out var mode) && mode.ValueKind == JsonValueKind.String && mode.ValueEquals("partition"),
        ObjectOf(),
        ObjectOf([new("mode", OneOf("partition", "filter"), Required: true), Filter[1]]));

    private static readonly Shape SpendRule = ObjectOf(
        new Member("limit", Positive, Required: true),
        new Member("limitType", OneOf("cost"), Required: true),
        new Member("window", Positive, Required: true),
        new Member("id", Text()),
        new Member("enabled", Flag),
        new Member("technique", OneOf("fixed", "sliding")),
        new Member("model", ObjectOf(Filter)),
        new Member("provider", ObjectOf(Filter)),
        new Member("metadata", MapOf(MetadataDimension)));

    public GatewayShape(Assumptions assumptions)
    {
        var settable = Settable(assumptions);
        Create = ObjectOf([new("id", Id, Required: true), .. settable]);
        Update = ObjectOf(settable);
        Names = [.. settable.Select(member => member.Name)];
    }

    public Shape Create { get; }

    public Shape Update { get; }

    /// <summary>Every settable member that the contract names.</summary>
    public IReadOnlyList<string> Names { get; }

    private static Member[] Settable(Assumptions assumptions) =>
    [
        new("cache_invalidate_on_update", Flag, Required: true),
        new("cache_ttl", Integer(0, assumptions.LongestCacheTtl).OrNull(), Required: true),
        new("collect_logs", Flag, Required: true),
        new("rate_limiting_interval", Integer(0, LargestInteger).OrNull(), Required: true),
        new("rate_limiting_limit", Integer(0, LargestInteger).OrNull(), Required: true),
        new("rate_limiting_technique", OneOf("fixed", "sliding").OrNull()),
        new("authentication", Flag),
        new("byok_only", Flag),
        new("log_management", Integer(10_000, 10_000_000).OrNull()),
        new("log_management_strategy", OneOf("STOP_INSERTING", "DELETE_OLDEST").OrNull()),
        new("logpush", Flag),
        new("logpush_public_key", Text(assumptions.LogpushKeyLength.Least, assumptions.LogpushKeyLength.Most).OrNull()),
        new("log_classification", Flag),
        new("retry_max_attempts", Integer(1, 5).OrNull()),
        new("retry_delay", Integer(0, 60_000).OrNull()),
        new("retry_backoff", OneOf("constant", "linear", "exponential").OrNull()),
        new("guardrails", ObjectOf(new Member("prompt", Guardrails, Required: true), new Member("response", Guardrails, Required: true)).OrNull()),
        new("dlp", Either(value => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("policies", out _), DlpPolicies, ObjectOf(DlpAction))),
        new("otel", ArrayOf(ObjectOf(
            new Member("url", Text(1), Required: true),
            new Member("headers", MapOf(Text()), Required: true),
            new Member("authorization", Text()),
            new Member("content_type", OneOf("json", "protobuf")))).OrNull()),
        new("spend_limits", ObjectOf(new Member("enabled", Flag), new Member("rules", ArrayOf(SpendRule, maximum: 20))).OrNull()),
        new("store_id", Text().OrNull()),
        new("stripe", ObjectOf(
            new Member("authorization", Text(), Required: true),
            new Member("usage_events", ArrayOf(ObjectOf(new Member("payload", Text(), Required: true))), Required: true)).OrNull()),
        new("workers_ai_billing_mode", OneOf("postpaid", "unified")),
        new("zdr", Flag),
    ];
}
