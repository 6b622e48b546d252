using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>Closing a journal row and changing the inventory are one transaction: the inventory is what the journal says we made.</summary>
internal static class JournalEntries
{
    /// <param name="madeId">Cloudflare's id after a create; null leaves the inventory alone, save for a delete that was done, which removes its item.</param>
    public static async Task CloseAsync(
        GatewayOpsDb db, OperationRow operation, string status, string? detail, string? madeId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var row = db.Operations.Attach(operation);
        row.Entity.Status = status;
        row.Entity.FinishedAt = now;
        row.Entity.Detail = detail;
        var item = await db.Inventory.FindAsync([operation.Kind, operation.Gateway, operation.Key], cancellationToken);
        if (operation.Op == SnakeCaseEnum<ChangeOp>.Of(ChangeOp.Create) && madeId is not null)
        {
            if (item is null)
            {
                db.Inventory.Add(new InventoryRow { Kind = operation.Kind, Gateway = operation.Gateway, Key = operation.Key, CloudflareId = madeId, CreatedAt = now });
            }
            else
            {
                item.CloudflareId = madeId;
            }
        }
        else if (operation.Op == SnakeCaseEnum<ChangeOp>.Of(ChangeOp.Delete) && status != OperationStatus.Failed && item is not null)
        {
            db.Inventory.Remove(item);
        }

        await db.SaveChangesAsync(cancellationToken);
    }
}
