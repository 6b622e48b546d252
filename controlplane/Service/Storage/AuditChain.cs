using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.EntityFrameworkCore;

namespace GatewayOps.ControlPlane.Storage;

/// <summary>Where the chain first is not what was written. <paramref name="Reason"/> is one of <see cref="AuditBreakReasons"/>.</summary>
public sealed record AuditBreak(long Sequence, string Reason);

public static class AuditBreakReasons
{
    /// <summary>A row's columns give another hash than the one it carries.</summary>
    public const string Changed = "changed";

    /// <summary>One or more rows before this sequence are gone.</summary>
    public const string Missing = "missing";

    /// <summary>The row does not name the hash of the row before it.</summary>
    public const string Relinked = "relinked";

    /// <summary>A row without a place in the chain came after the chain had begun; the sequence is that of the last row that is in it.</summary>
    public const string Unchained = "unchained";
}

/// <param name="Rows">Rows in the chain.</param>
/// <param name="Verified">Rows up to the first break, all of them where there is none.</param>
/// <param name="Unchained">Rows from before there was a chain; nothing vouches for them.</param>
/// <param name="HeadHash">Hash of the last row. Who notes it elsewhere also finds a chain that was cut at its end, or written anew as a whole.</param>
public sealed record AuditVerification(long Rows, long Verified, long Unchained, string? HeadHash, AuditBreak? FirstBroken);

/// <summary>The hash chain of the audit rows, computed a second time. The trigger audit_chain (migration Reconciliation) is the first.</summary>
public static class AuditChain
{
    /// <summary>Previous hash of the first row.</summary>
    public static string Start { get; } = new('0', 64);

    /// <summary>SHA-256, in lower hex digits, over what the row says: each value after its length in bytes and a colon.</summary>
    public static string HashOf(AuditRow row)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] values =
        [
            row.PreviousHash ?? "", (row.Sequence ?? 0).ToString(CultureInfo.InvariantCulture), row.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture),
            row.Actor, row.Action, row.Target, row.RequestId, row.BeforeHash ?? "", row.AfterHash ?? "", row.Result,
        ];
        foreach (var value in values)
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            hash.AppendData(Encoding.ASCII.GetBytes($"{bytes.Length}:"));
            hash.AppendData(bytes);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Reads every row once, in one snapshot, and keeps one at a time.</summary>
    public static async Task<AuditVerification> VerifyAsync(GatewayOpsDb db, CancellationToken cancellationToken)
    {
        var (rows, verified, unchained, last, broken) = (0L, 0L, 0L, Start, (AuditBreak?)null);
        // Those of before the chain have the smallest ids. They are read last: PostgreSQL puts null behind every number.
        var firstChained = await db.Audit.Where(row => row.Sequence != null).MinAsync(row => (long?)row.Id, cancellationToken);
        await foreach (var row in RowsAsync(db, cancellationToken))
        {
            if (row.Sequence is not { } sequence)
            {
                unchained++;
                broken ??= row.Id > firstChained ? new AuditBreak(rows, AuditBreakReasons.Unchained) : null;
                continue;
            }

            rows++;
            broken ??= BreakAt(row, sequence, expected: rows, last);
            verified += broken is null ? 1 : 0;
            last = row.Hash!;
        }

        return new(rows, verified, unchained, rows == 0 ? null : last, broken);
    }

    private static AuditBreak? BreakAt(AuditRow row, long sequence, long expected, string last) =>
        sequence != expected ? new(sequence, AuditBreakReasons.Missing)
        : row.PreviousHash != last ? new(sequence, AuditBreakReasons.Relinked)
        : row.Hash != HashOf(row) ? new(sequence, AuditBreakReasons.Changed)
        : null;

    private static async IAsyncEnumerable<AuditRow> RowsAsync(GatewayOpsDb db, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A chain of years takes longer than a command may.
        db.Database.SetCommandTimeout(TimeSpan.Zero);
        await foreach (var row in db.Audit.AsNoTracking().OrderBy(row => row.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            yield return row;
        }
    }
}
