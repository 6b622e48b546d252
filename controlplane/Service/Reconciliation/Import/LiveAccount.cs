using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Policies;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using Route = GatewayOps.Cloudflare.Routes.Route;

namespace GatewayOps.ControlPlane.Reconciliation.Import;

/// <summary>What Cloudflare has, as far as rule sets can say it. <paramref name="Notes"/>: what could not be read.</summary>
public sealed record LiveAccount(IReadOnlyList<LiveGateway> Gateways, IReadOnlyList<CustomProvider> CustomProviders, IReadOnlyList<ImportNote> Notes);

/// <summary>One gateway. <paramref name="Routes"/> have the graphs of their deployed versions; <paramref name="Keys"/> are the stored provider keys as `slug/alias`.</summary>
public sealed record LiveGateway(string Id, JsonObject Fields, IReadOnlyList<Route> Routes, IReadOnlyList<Policy> Policies, IReadOnlyList<string> Keys)
{
    /// <summary>As a pass over the gateway would see it.</summary>
    public ObservedState Observed(IEnumerable<CustomProvider> customProviders) => ObservedState.Of(Id, Fields) with
    {
        Routes = [.. Routes.Select(GatewayObserver.Observed)],
        Policies = [.. Policies.Select(policy => new ObservedPolicy(policy.Id, policy.Name, PolicyFields.Of(policy.Fields), policy.IsDraft))],
        CustomProviders = [.. customProviders.Select(provider => new ObservedCustomProvider(provider.Id, provider.Slug, CustomProviderFields.Of(provider.Fields)))],
    };
}

/// <summary>What an import leaves out, and why. <paramref name="Subject"/> as in <see cref="Change.Subject"/>.</summary>
public sealed record ImportNote(string? Gateway, string? Subject, string Message);

/// <summary>A rule set for gateways that are set alike.</summary>
public sealed record ImportedDocument(string Name, IReadOnlyList<string> Gateways, JsonObject Document);

/// <summary>Rule sets whose plans are empty: together they say what Cloudflare has.</summary>
public sealed record ImportAnswer(IReadOnlyList<ImportedDocument> Documents, IReadOnlyList<ImportNote> Notes);
