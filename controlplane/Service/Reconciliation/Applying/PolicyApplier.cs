using GatewayOps.Cloudflare;
using GatewayOps.Cloudflare.Policies;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Policies, put in force as they are written. An update says the whole policy: a draft that somebody keeps of it changes nothing of what we mean.</summary>
internal sealed class PolicyApplier(CloudflareClient cloudflare, Journal journal) : IObjectApplier
{
    public Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken) => changes[0].Op switch
    {
        ChangeOp.Create => CreateAsync(application, changes[0], cancellationToken),
        ChangeOp.Update => UpdateAsync(application, changes[0], cancellationToken),
        _ => DeleteAsync(application, changes[0], cancellationToken),
    };

    private Task CreateAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var wanted = application.Desired.Policies.Single(policy => policy.Name == change.Key);
        var fields = PolicyFields.Of(wanted);
        var policy = new NewPolicy(wanted.Name, wanted.Actor, new PolicyResource(wanted.Model, wanted.Provider), wanted.Condition, new PolicyAction.Other(PolicyFields.ToBody(fields)["action"]!.DeepClone().AsObject()));
        return Creation.OrLookAgainAsync(change, journal.CallAsync(application.Held, application.Step(change, ChangeOp.Create, Payload.Of(fields)),
            token => cloudflare.Policies.CreateAsync(application.Gateway, policy, commit: true, token), made => made.Id, cancellationToken));
    }

    private async Task UpdateAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var seen = await UnmovedAsync(application, change, cancellationToken) ?? throw new PlanStaleException($"policy {change.Key} is gone");
        var wanted = PolicyFields.Of(application.Desired.Policies.Single(policy => policy.Name == change.Key));
        var body = PolicyFields.ToBody(wanted);
        body["name"] = change.Key;
        await journal.CallAsync(application.Held, application.Step(change, ChangeOp.Update, Payload.Of(wanted)),
            token => cloudflare.Policies.UpdateAsync(application.Gateway, seen.Id, body, commit: true, token), _ => seen.Id, cancellationToken);
    }

    private async Task DeleteAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var id = (await UnmovedAsync(application, change, cancellationToken))?.Id ?? SeenOf(application, change).Id;
        await journal.CallAsync(application.Held, application.Step(change, ChangeOp.Delete, id),
            token => cloudflare.Policies.DeleteAsync(application.Gateway, id, token), _ => null, cancellationToken);
    }

    /// <summary>The policy as the plan saw it; null when it is gone.</summary>
    private async Task<ObservedPolicy?> UnmovedAsync(Application application, Change change, CancellationToken cancellationToken)
    {
        var seen = SeenOf(application, change);
        if (await cloudflare.Policies.FindAsync(application.Gateway, seen.Id, cancellationToken) is not { } live)
        {
            return null;
        }

        return Payload.Of(PolicyFields.Of(live.Fields)) == Payload.Of(seen.Fields) ? seen : throw new PlanStaleException($"policy {change.Key} is no longer as it was");
    }

    private static ObservedPolicy SeenOf(Application application, Change change) => PolicyChanges.Named(change.Key, application.Observed, application.Look.Reading.Inventory)[0];
}
