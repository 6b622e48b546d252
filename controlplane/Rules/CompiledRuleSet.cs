using System.Text.Json.Nodes;

namespace GatewayOps.Rules;

/// <summary>Everything that the active revisions say about one gateway, ready to be matched and compared. Immutable: a request pins one.</summary>
public sealed record CompiledRuleSet
{
    public required string Gateway { get; init; }

    /// <summary>Sources by rule-set name; empty for a gateway without an active revision.</summary>
    public required IReadOnlyList<RevisionId> Revisions { get; init; }

    public required RouteTable Routes { get; init; }

    /// <summary>Gateway fields to be, by Cloudflare's names, with their owner's side decided by <see cref="FieldOwnership"/>.</summary>
    public required IReadOnlyDictionary<string, JsonNode?> Settings { get; init; }

    /// <summary>Where each thing that the documents ask for is enforced. Nothing is silently dropped.</summary>
    public required IReadOnlyList<Enforcement> Enforcements { get; init; }

    /// <summary>Value of the header x-gatewayops-revision: `a@1+b@2`, or `none`.</summary>
    public string Label => Revisions.Count == 0 ? "none" : string.Join('+', Revisions);

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
    Reported,
}

/// <summary>Where one setting of one document is enforced, for `plan` to print.</summary>
public sealed record Enforcement(RevisionId Source, string Pointer, EnforcementPoint Point, string Detail);

/// <summary>What a request is matched by. <paramref name="Path"/> is the operation path (`/chat/completions`).</summary>
public readonly record struct RequestFacts(string Method, string Path, string Model, string? Provider);

/// <summary>The decision for one request.</summary>
public sealed record Route
{
    /// <summary>Name of the rule that matched, or its pointer (`rules/0`) where it has none; null when no rule matched.</summary>
    public string? Rule { get; init; }

    public RouteCache? Cache { get; init; }
    public bool? CollectLog { get; init; }

    /// <summary>Time to the first byte of one attempt where the upstream sets none of its own.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>In order of attempt. Empty: the provider follows from the model.</summary>
    public IReadOnlyList<RouteUpstream> Upstreams { get; init; } = [];

    /// <summary>False: only the first upstream is tried.</summary>
    public bool FallbackEnabled { get; init; }

    /// <summary>Retries after the first attempt, over all upstreams of one request.</summary>
    public int RetryCount { get; init; }

    public static Route Default { get; } = new();
}

public sealed record RouteCache(TimeSpan Ttl, IReadOnlyList<string> KeyFields, bool Share);

public sealed record RouteUpstream(string Provider, TimeSpan? Timeout, string? Model);
