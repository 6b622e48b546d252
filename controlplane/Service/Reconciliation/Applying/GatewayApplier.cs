using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Fields of a gateway, in one PUT: read, change only ours, write, because it overwrites the whole gateway (Cloudflare contract, section 2.1).</summary>
internal sealed class GatewayApplier(CloudflareClient cloudflare, Journal journal) : IObjectApplier
{
    public async Task ApplyAsync(Application application, IReadOnlyList<Change> changes, CancellationToken cancellationToken)
    {
        var gateway = application.Gateway;
        var live = await cloudflare.Gateways.FindAsync(gateway, cancellationToken) ?? throw new PlanStaleException($"gateway {gateway} is gone");
        var body = live.Fields.DeepClone().AsObject();
        foreach (var change in changes)
        {
            if (Normalizer.Field(change.Field!, body[change.Field!]) != change.From)
            {
                throw new PlanStaleException($"{change.Field} of gateway {gateway} is no longer {change.From}");
            }

            body[change.Field!] = change.To == FieldValue.NewStoreId ? (await cloudflare.Secrets.ListStoresAsync(cancellationToken).FirstAsync(cancellationToken)).Id
                : change.Field == DesiredExporter.Field ? application.Desired.Exporter!.ToNode()
                : change.To!.Value.ToNode();
        }

        var payload = string.Join('\n', changes.Select(change => $"{change.Field}={change.To}"));
        await journal.CallAsync(application.Held, application.Step(changes[0], ChangeOp.Update, payload),
            token => cloudflare.Gateways.UpdateAsync(gateway, body, token), _ => null, cancellationToken);
    }
}
