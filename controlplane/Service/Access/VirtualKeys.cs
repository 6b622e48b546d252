using System.Collections.Frozen;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// The virtual keys that this replica knows, which <see cref="IssuedTokens"/> keeps current. In memory and by the whole digest: no call to the database for a request, keys that share a
/// beginning have nothing in common, and a stored digest opens nothing.
/// </summary>
public sealed class VirtualKeys(TimeProvider time)
{
    private volatile Snapshot _snapshot = new([]);

    /// <summary>Those in force, for whoever keeps their accounts.</summary>
    public IReadOnlyList<VirtualKey> InForce => _snapshot.InForce(time.GetUtcNow());

    /// <summary>Whoever the key is of, or the reason (of <see cref="AuthFailure"/>) to refuse what was presented. <paramref name="digest"/> is that of <paramref name="presented"/>.</summary>
    public (Caller? Caller, string? Refusal) Find(string presented, ReadOnlySpan<byte> digest)
    {
        Span<char> hex = stackalloc char[2 * digest.Length];
        Convert.TryToHexStringLower(digest, hex, out _);
        return !_snapshot.BySpan.TryGetValue(hex, out var issued)
            ? (null, TokenText.IsMistyped(presented, TokenText.KeyPrefix) ? AuthFailure.Mistyped : AuthFailure.Invalid)
            : issued.IsRevoked ? (null, AuthFailure.Revoked)
            : issued.Until <= time.GetUtcNow() ? (null, AuthFailure.Expired)
            : (issued.Caller, null);
    }

    /// <summary>Takes what is stored in the place of what was known.</summary>
    internal void Replace(IReadOnlyList<VirtualKeyRow> rows) => _snapshot = new Snapshot(rows);

    private sealed record Issued(Caller Caller, DateTimeOffset? Until, bool IsRevoked);

    private sealed class Snapshot
    {
        private readonly List<(VirtualKey Key, DateTimeOffset? Until)> _lasting = [];

        public Snapshot(IReadOnlyList<VirtualKeyRow> rows)
        {
            var byDigest = new Dictionary<string, Issued>();
            foreach (var row in rows)
            {
                var key = VirtualKey.Of(row);
                var caller = Caller.Of(key);
                byDigest[TokenText.Key(row.Digest)] = new(caller, row.ExpiresAt, row.RevokedAt is not null);
                if (row.PreviousDigest is { } previous)
                {
                    byDigest[TokenText.Key(previous)] = new(caller, row.PreviousUntil, row.RevokedAt is not null);
                }

                if (row.RevokedAt is null)
                {
                    _lasting.Add((key, row.ExpiresAt));
                }
            }

            BySpan = byDigest.ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        }

        /// <summary>By the digest in hex.</summary>
        public FrozenDictionary<string, Issued>.AlternateLookup<ReadOnlySpan<char>> BySpan { get; }

        public IReadOnlyList<VirtualKey> InForce(DateTimeOffset now) => [.. _lasting.Where(key => !(key.Until <= now)).Select(key => key.Key)];
    }
}
