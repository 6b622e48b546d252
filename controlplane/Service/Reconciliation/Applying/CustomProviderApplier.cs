using System.Text.Json.Nodes;
using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Custom providers of the account. Other gateways' passes may be at the same one: what they did first is seen by looking again.</summary>
internal sealed class CustomProviderApplier(CloudflareClient cloudflare, Journal journal, DesiredStates desiredStates) : IObjectApplier
{
    public Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken) => changes[0].Op switch
    {
        ChangeOp.Create => CreateAsync(application, changes[0], cancellationToken),
        ChangeOp.Update => UpdateAsync(application, changes, cancellationToken),
        _ => DeleteAsync(application, changes[0], cancellationToken),
    };

    private Task CreateAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var entry = application.Desired.CustomProviders.Single(entry => entry.Slug == change.Key);
        var provider = new NewCustomProvider(entry.Name, entry.Slug, new Uri(entry.BaseUrl)) { Enabled = entry.Enable, Description = entry.Description, Link = entry.Link };
        return Creation.OrLookAgainAsync(change, journal.CallAsync(application.Held, application.Step(change, ChangeOp.Create, Payload.Of(CustomProviderFields.Of(entry))),
            token => cloudflare.CustomProviders.CreateAsync(provider, token), made => made.Id, cancellationToken));
    }

    private async Task UpdateAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var seen = await UnmovedAsync(application, changes[0], cancellationToken) ?? throw new PlanStaleException($"custom provider {changes[0].Key} is gone");
        var body = new JsonObject(changes.Select(change => KeyValuePair.Create(change.Field!, change.To!.Value.ToNode())));
        var wanted = new SortedDictionary<string, FieldValue>(seen.Fields.ToDictionary(), StringComparer.Ordinal);
        foreach (var change in changes)
        {
            wanted[change.Field!] = change.To!.Value;
        }

        await journal.CallAsync(application.Held, application.Step(changes[0], ChangeOp.Update, Payload.Of(wanted)),
            token => cloudflare.CustomProviders.UpdateAsync(seen.Id, body, token), _ => seen.Id, cancellationToken);
    }

    private async Task DeleteAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        // A rule set of another gateway may have come to declare it since the plan was made.
        if (await desiredStates.DeclaresCustomProviderAsync(change.Key, cancellationToken))
        {
            throw new PlanStaleException($"custom provider {change.Key} is declared again");
        }

        var id = (await UnmovedAsync(application, change, cancellationToken))?.Id ?? SeenOf(application, change).Id;
        await journal.CallAsync(application.Held, application.Step(change, ChangeOp.Delete, id),
            token => cloudflare.CustomProviders.DeleteAsync(id, token), _ => null, cancellationToken);
    }

    /// <summary>The custom provider as the plan saw it; null when it is gone.</summary>
    private async Task<ObservedCustomProvider?> UnmovedAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var seen = SeenOf(application, change);
        if (await cloudflare.CustomProviders.FindAsync(seen.Id, cancellationToken) is not { } live)
        {
            return null;
        }

        return Payload.Of(CustomProviderFields.Of(live.Fields)) == Payload.Of(seen.Fields) ? seen : throw new PlanStaleException($"custom provider {change.Key} is no longer as it was");
    }

    private static ObservedCustomProvider SeenOf(Application application, Change change) => application.Observed.CustomProviders.Single(provider => provider.Slug == change.Key);
}
