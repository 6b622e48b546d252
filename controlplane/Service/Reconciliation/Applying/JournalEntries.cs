using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Closing a journal row and changing the inventory are one transaction: the inventory is what the journal says we made.</summary>
internal static class JournalEntries
{
    /// <param name="madeId">Cloudflare's id of what was made, or was taken over by an update; null leaves the inventory alone, save for a delete that was done, which removes its item.</param>
    public static async Task CloseAsync(
        GatewayOpsDb db, OperationRow operation, string status, string? detail, string? madeId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var row = db.Operations.Attach(operation);
        row.Entity.Status = status;
        row.Entity.FinishedAt = now;
        row.Entity.Detail = detail;
        await db.SaveChangesAsync(cancellationToken);

        // What belongs to the account is closed by several gateways' passes at once: said so that the second finds it done.
        var (kind, key, gateway) = (operation.Kind, operation.Key, Inventory.GatewayOf(SnakeCaseEnum<ObjectKind>.Parse(operation.Kind), operation.Gateway));
        var isDelete = operation.Op == SnakeCaseEnum<ChangeOp>.Of(ChangeOp.Delete);
        if (!isDelete && madeId is not null)
        {
            await db.Database.ExecuteSqlAsync(
                $"""
                insert into inventory (kind, gateway, key, cloudflare_id, created_at) values ({kind}, {gateway}, {key}, {madeId}, {now})
                on conflict (kind, gateway, key) do update set cloudflare_id = excluded.cloudflare_id
                """,
                cancellationToken);
        }
        else if (isDelete && status != OperationStatus.Failed)
        {
            await db.Inventory.Where(item => item.Kind == kind && item.Gateway == gateway && item.Key == key).ExecuteDeleteAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }
}
