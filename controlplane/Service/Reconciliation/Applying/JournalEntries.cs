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
        var gateway = Inventory.GatewayOf(SnakeCaseEnum<ObjectKind>.Parse(operation.Kind), operation.Gateway);
        var isDelete = operation.Op == SnakeCaseEnum<ChangeOp>.Of(ChangeOp.Delete);
        var item = await db.Inventory.FindAsync([operation.Kind, gateway, operation.Key], cancellationToken);
        if (!isDelete && madeId is not null)
        {
            if (item is null)
            {
                db.Inventory.Add(new InventoryRow { Kind = operation.Kind, Gateway = gateway, Key = operation.Key, CloudflareId = madeId, CreatedAt = now });
            }
            else
            {
                item.CloudflareId = madeId;
            }
        }
        else if (isDelete && status != OperationStatus.Failed && item is not null)
        {
            db.Inventory.Remove(item);
        }

        await db.SaveChangesAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
