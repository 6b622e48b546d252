using System.Text.Json.Nodes;

namespace GatewayOps.Rules;

/// <summary>Everything that the active revisions say about one gateway, ready to be matched and compared. Immutable: a request pins one.</summary>
public sealed record CompiledRuleSet
{
    public required string Gateway { get; init; }

    /// <summary>Sources by rule-set name; empty for a gateway without an active revision.</summary>
    public required IReadOnlyList<RevisionId> Revisions
    {
        get;
        init
        {
            field = value;
            Label = value.Count == 0 ? "none" : string.Join('+', value);
        }
    }

    public required RouteTable Routes { get; init; }

    /// <summary>Gateway fields to be, by Cloudflare's names, with their owner's side decided by <see cref="FieldOwnership"/>.</summary>
    public required IReadOnlyDictionary<string, JsonNode?> Settings { get; init; }

    /// <summary>Dynamic routes to be, by name; empty also means that none is wanted.</summary>
    public IReadOnlyList<CompiledDynamicRoute> DynamicRoutes { get; init; } = [];

    /// <summary>Policies to be, by name.</summary>
    public IReadOnlyList<AccessPolicy> Policies { get; init; } = [];

    /// <summary>Custom providers of the account to be, by slug.</summary>
    public IReadOnlyList<CustomProviderEntry> CustomProviders { get; init; } = [];

    public Quota? Quota { get; init; }

    /// <summary>Where each thing that the documents ask for is enforced. Nothing is silently dropped.</summary>
    public required IReadOnlyList<Enforcement> Enforcements { get; init; }

    /// <summary>Value of the header x-gatewayops-revision: `a@1+b@2`, or `none`.</summary>
    public string Label { get; private init; } = "none";

    public static CompiledRuleSet Empty(string gateway) => new()
    {
        Gateway = gateway,
        Revisions = [],
        Routes = RouteTable.Empty,
        Settings = new Dictionary<string, JsonNode?>(),
        Enforcements = [],
    };
}

public enum EnforcementPoint
{
    GatewaySetting,
    DynamicRoute,
    RequestHeader,
    Proxy,
    Policy,
    CustomProvider,

    /// <summary>Not enforced, and the plan says why: another owner, another rule set, or a switch that is off.</summary>
    Reported,

    /// <summary>Says what the document is and where it applies; nothing is left to enforce.</summary>
    Document,
}

/// <summary>Where one setting of one document is enforced, for `plan` to print.</summary>
public sealed record Enforcement(RevisionId Source, string Pointer, EnforcementPoint Point, string Detail);

/// <summary>
/// What a request is matched by. <paramref name="Path"/> is the operation path (`/chat/completions`), decoded and without query; a leading `/v1` and one trailing slash are ignored.
/// <paramref name="Model"/> and <paramref name="Provider"/> are those that <see cref="ModelRouting"/> resolved; a rule with a provider condition does not match a null provider.
/// <paramref name="Method"/> is in capitals.
/// </summary>
public readonly record struct RequestFacts(string Method, string Path, string Model, string? Provider)
{
    /// <summary>Name of the caller's virtual key; null without one.</summary>
    public string? Key { get; init; }

    /// <summary>Null: neither metadata nor headers, so that no rule with such a condition matches.</summary>
    public IRequestDetails? Details { get; init; }
}

/// <summary>What only rules that ask for it look at.</summary>
public interface IRequestDetails
{
    /// <summary>A member of the caller's metadata as text (`true`, `7`, `team-a`); null when it is not there.</summary>
    string? Metadata(string name);

    /// <summary>A request header by lower-case name, several values joined by `, `; null when it is not there.</summary>
    string? Header(string name);
}

/// <summary>A dynamic route as it is to be in Cloudflare. <paramref name="Elements"/>: the graph in Cloudflare's vocabulary; copy before changing.</summary>
public sealed record CompiledDynamicRoute(string Name, RevisionId Source, JsonArray Elements);

/// <summary>The decision for one request.</summary>
public sealed record Route
{
    /// <summary>Name of the rule that matched, or its pointer (`rules/0`) where it has none; null when no rule matched.</summary>
    public string? Rule { get; init; }

    /// <summary>What the rule matches, in words: one in every revision that leaves its conditions alone, so that counters outlive a revision. Null when no rule matched.</summary>
    public string? Condition { get; init; }

    /// <summary>Null: the rule says nothing and the gateway's own setting applies. <see cref="RouteCache.IsOff"/>: the rule keeps these requests out of the cache.</summary>
    public RouteCache? Cache { get; init; }

    /// <summary>Null: the gateway's own setting applies.</summary>
    public bool? CollectLog { get; init; }

    /// <summary>Time to the first byte of one attempt where the upstream sets none of its own.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>In order of attempt. Empty: the provider follows from the model.</summary>
    public IReadOnlyList<RouteUpstream> Upstreams { get; init; } = [];

    /// <summary>False: only the first upstream is tried.</summary>
    public bool FallbackEnabled { get; init; }

    /// <summary>Retries after the first attempt, over all upstreams of one request.</summary>
    public int RetryCount { get; init; }

    /// <summary>Per tenant, on top of the gateway's own limit; null is none.</summary>
    public RateLimit? RateLimit { get; init; }

    public Queue? Queue { get; init; }

    public static Route Default { get; } = new();
}

/// <summary>How answers are kept. <paramref name="KeyFields"/> empty: the whole body is the key.</summary>
public sealed record RouteCache(TimeSpan Ttl, IReadOnlyList<string> KeyFields, bool Share)
{
    public static RouteCache Off { get; } = new(TimeSpan.Zero, [], false);

    public bool IsOff => Ttl == TimeSpan.Zero;
}

/// <summary>One upstream of a route. With a weight it is drawn for the first attempt as often as its share of all weights says.</summary>
public sealed record RouteUpstream(string Provider, TimeSpan? Timeout, string? Model, int? Weight = null);
