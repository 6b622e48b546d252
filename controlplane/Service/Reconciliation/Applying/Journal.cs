using GatewayOps.Cloudflare;
using GatewayOps.ControlPlane.Reconciliation.Planning;
using GatewayOps.ControlPlane.Storage;
using GatewayOps.Rules;

namespace GatewayOps.ControlPlane.Reconciliation.Applying;

/// <summary>One call that changes Cloudflare. <paramref name="Payload"/> is hashed, never stored; for a secret it is the fingerprint of the value.</summary>
public sealed record Step(Guid RunId, ObjectKind Kind, string Key, ChangeOp Op, string Payload);

/// <summary>
/// Write-ahead journal: a row is committed before a call leaves and closed after its answer, both under the epoch of the lock. What a crash leaves pending
/// is resolved by <see cref="JournalRecovery"/>, by reading Cloudflare, never by repeating the call.
/// </summary>
public sealed class Journal(JournalRecovery recovery, TimeProvider time)
{
    /// <summary>
    /// Makes the call between the two writes. <paramref name="idOf"/> gives Cloudflare's id of what a create made; it enters the inventory in the
    /// transaction that closes the row. A call whose outcome is unknown is looked up; it throws only when it had no effect or cannot be looked up.
    /// Throws <see cref="StaleEpochException"/> when the lock is no longer held: the row, if there is one, is left to who holds it now.
    /// </summary>
    public async Task<T?> CallAsync<T>(GatewayLock held, Step step, Func<CancellationToken, Task<T>> call, Func<T, string?> idOf, CancellationToken cancellationToken)
    {
        var operation = await BeginAsync(held, step, cancellationToken);
        FaultPoints.Reach("journal.written");
        try
        {
            var answer = await CallFence.UnderAsync(held, call, cancellationToken);
            FaultPoints.Reach("call.sent");
            await CloseAsync(held, operation, OperationStatus.Done, detail: null, idOf(answer), cancellationToken);
            FaultPoints.Reach("journal.done");
            return answer;
        }
        catch (CloudflareException exception) when (exception.IsAmbiguous)
        {
            if (!await recovery.ResolveAsync(held, operation, cancellationToken))
            {
                throw;
            }

            return default;
        }
        catch (CloudflareException exception)
        {
            await CloseAsync(held, operation, OperationStatus.Failed, exception.Message, madeId: null, cancellationToken);
            throw;
        }
    }

    /// <summary>SHA-256, 64 lower hex digits.</summary>
    internal static string HashOf(string payload) => TextHash.Of(payload);

    private async Task<OperationRow> BeginAsync(GatewayLock held, Step step, CancellationToken cancellationToken)
    {
        var operation = new OperationRow
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()),
            RunId = step.RunId,
            Gateway = held.Gateway,
            Kind = SnakeCaseEnum<ObjectKind>.Of(step.Kind),
            Key = step.Key,
            Op = SnakeCaseEnum<ChangeOp>.Of(step.Op),
            PayloadHash = HashOf(step.Payload),
            Epoch = held.Epoch,
            Status = OperationStatus.Pending,
            CreatedAt = time.GetUtcNow(),
        };
        await using var db = held.OpenDb();
        db.Operations.Add(operation);
        await db.SaveChangesAsync(cancellationToken);
        return operation;
    }

    private async Task CloseAsync(GatewayLock held, OperationRow operation, string status, string? detail, string? madeId, CancellationToken cancellationToken)
    {
        await using var db = held.OpenDb();
        await JournalEntries.CloseAsync(db, operation, status, detail, madeId, time.GetUtcNow(), cancellationToken);
    }
}

/// <summary>The states of an <see cref="OperationRow"/>.</summary>
public static class OperationStatus
{
    public const string Pending = "pending";
    public const string Done = "done";
    public const string Failed = "failed";

    /// <summary>Its outcome was found by reading Cloudflare.</summary>
    public const string Resolved = "resolved";
}
