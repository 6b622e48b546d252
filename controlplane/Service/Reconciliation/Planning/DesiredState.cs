using GatewayOps.Rules;
using GatewayOps.Rules.Stacks;

namespace GatewayOps.ControlPlane.Reconciliation.Planning;

/// <summary>What one gateway is to be, said by its active revisions and its declared provider keys.</summary>
public sealed record DesiredState
{
    public required string Gateway { get; init; }

    /// <summary>Label of the revisions (`a@1+b@2`, or `none`).</summary>
    public required string Revision { get; init; }

    /// <summary>Fields that are ours to write.</summary>
    public required IReadOnlyDictionary<string, FieldValue> Fields { get; init; }

    /// <summary>Fields that Pulumi owns and a rule set asserts: compared, reported, never written.</summary>
    public required IReadOnlyDictionary<string, FieldValue> Asserted { get; init; }

    /// <summary>The stack that declares the gateway; null for none.</summary>
    public string? Stack { get; init; }

    /// <summary>Fields that the stack sets: compared, reported, never written.</summary>
    public IReadOnlyDictionary<string, FieldValue> StackFields { get; init; } = new Dictionary<string, FieldValue>();

    /// <summary>Where spans are to be pushed; null where nobody asked for it.</summary>
    public DesiredExporter? Exporter { get; init; }

    public required IReadOnlyList<DeclaredKey> Keys { get; init; }

    public IReadOnlyList<DesiredRoute> Routes { get; init; } = [];

    public IReadOnlyList<AccessPolicy> Policies { get; init; } = [];

    /// <summary>Of the account, declared by this gateway's revisions: planned here.</summary>
    public IReadOnlyList<CustomProviderEntry> CustomProviders { get; init; } = [];

    /// <summary>Slugs that the active revisions of other gateways declare: none of them may go.</summary>
    public IReadOnlySet<string> DeclaredElsewhere { get; init; } = new HashSet<string>();

    /// <summary>The active rule sets say nothing that anybody enforces: emptied, or none is left.</summary>
    public bool IsEmpty { get; init; }

    /// <summary>Whether routes and policies of ours that nothing declares any more may be deleted; keys go when they are removed, without it.</summary>
    public bool Prune { get; init; }

    /// <summary>The same for custom providers, which belong to the account: what its newest activation allowed.</summary>
    public bool PruneAccount { get; init; }

    /// <summary>Whether a plan may delete most of what we made.</summary>
    public bool AllowMassDelete { get; init; }

    /// <summary>Subjects (<see cref="Change.Subject"/>) whose differences an operator wants left alone: reported, never written.</summary>
    public IReadOnlySet<string> Ignored { get; init; } = new HashSet<string>();

    /// <summary>Subjects that somebody else keeps putting back: reported, never written, until an operator resumes the gateway.</summary>
    public IReadOnlySet<string> Contested { get; init; } = new HashSet<string>();

    public static DesiredState Of(CompiledRuleSet ruleSet, IEnumerable<DeclaredKey> keys) => new()
    {
        Gateway = ruleSet.Gateway,
        Revision = ruleSet.Label,
        Fields = Owned(ruleSet, FieldOwner.ControlPlane),
        Asserted = Owned(ruleSet, FieldOwner.Pulumi),
        Keys = [.. keys],
        Routes = [.. ruleSet.DynamicRoutes.Select(route => new DesiredRoute(route.Name, route.Source, RouteElements.Of(route.Elements)))],
        Policies = ruleSet.Policies,
        CustomProviders = ruleSet.CustomProviders,
        IsEmpty = ruleSet is { Settings.Count: 0, DynamicRoutes.Count: 0, Policies.Count: 0, CustomProviders.Count: 0 }
            && ruleSet.Enforcements.All(enforcement => enforcement.Point == EnforcementPoint.Document),
    };

    private static Dictionary<string, FieldValue> Owned(CompiledRuleSet ruleSet, FieldOwner owner) => ruleSet.Settings
        .Where(setting => FieldOwnership.Of(setting.Key) == owner)
        .ToDictionary(setting => setting.Key, setting => Normalizer.Field(setting.Key, setting.Value));
}

/// <summary>A dynamic route of an active revision. <paramref name="Elements"/>: see <see cref="RouteElements"/>.</summary>
public sealed record DesiredRoute(string Name, RevisionId Source, IReadOnlyDictionary<string, FieldValue> Elements);

/// <summary>A provider key that somebody declared. Its value is in Cloudflare's Secrets Store and nowhere else.</summary>
public sealed record DeclaredKey(string Provider, string Alias, string SecretName)
{
    /// <summary>The stack whose secret it is: linked, never written, never deleted. Null for a key that was put here.</summary>
    public string? Stack { get; init; }

    /// <summary>`slug/alias`, unique within a gateway. Source: Cloudflare contract, section 4.1.</summary>
    public string ConfigKey => $"{Provider}/{Alias}";

    /// <summary>The alias that is taken for a request which names none.</summary>
    public bool IsDefault => Alias == DefaultAlias;

    public const string DefaultAlias = HandOverFormat.DefaultAlias;

    /// <summary>The name that Cloudflare demands. Slugs and aliases hold no underscore, so that two keys never share a name.</summary>
    public static string SecretNameOf(string gateway, string provider, string alias) => HandOverFormat.SecretName(gateway, provider, alias);
}
