using System.Collections.Frozen;
using GatewayOps.ControlPlane.Storage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Who presented a token. <paramref name="Id"/> tells apart those who bore one name one after the other.</summary>
public sealed record Operator(string Name, OperatorScope Scope, string Id);

/// <summary>What a presented token is: an operator, or the reason (of <see cref="AuthFailure"/>) to refuse it.</summary>
public readonly record struct TokenVerdict(Operator? Operator, string? Refusal);

/// <summary>
/// The operator tokens that this replica knows: those of the settings, and those issued through the API, which <see cref="IssuedTokens"/> keeps current. In memory and by digest:
/// no call to the database for a request, and neither a stored digest nor the time of an answer helps a caller.
/// </summary>
public sealed class OperatorTokens
{
    /// <summary>Name of whoever uses the single token.</summary>
    public const string SingleName = "operator";

    /// <summary>Name of a caller on this machine where no token is configured.</summary>
    public const string LocalName = "local";

    private readonly FrozenDictionary<string, Operator> _configured;
    private readonly TimeProvider _time;
    private volatile FrozenDictionary<string, Issued> _issued = FrozenDictionary<string, Issued>.Empty;

    public OperatorTokens(IOptions<OperatorOptions> options, TimeProvider time)
    {
        _time = time;
        // The same value twice: the last one counts, as it always did.
        var configured = new Dictionary<string, Operator>();
        if (options.Value.Token is { } single)
        {
            configured[TokenText.Key(single)] = new(SingleName, OperatorScope.Admin, SingleName);
        }

        foreach (var token in options.Value.Tokens)
        {
            configured[token.Token is { } value ? TokenText.Key(value) : token.Hash!.ToLowerInvariant()] = new(token.Name, token.Scope, token.Name);
        }

        _configured = configured.ToFrozenDictionary();
    }

    /// <summary>Whether the settings have a token; without one, callers on this machine need none.</summary>
    public bool AreConfigured => _configured.Count > 0;

    /// <summary>Whether somebody keeps the scope admin whatever happens to issued tokens.</summary>
    public bool HaveLastingAdmin => !AreConfigured || _configured.Values.Any(who => who.Scope == OperatorScope.Admin);

    /// <summary>Names that an issued token cannot have, because audit rows know somebody else by them.</summary>
    public bool IsTaken(string name) => name is SingleName or LocalName or "anonymous" || name == Actor.Service.Name || _configured.Values.Any(who => who.Name == name);

    // By the whole digest: tokens that share a beginning have nothing in common. To guess at a digest by the time of a look-up, one would need its token first.
    public TokenVerdict Find(string presented)
    {
        var digest = TokenText.Key(presented);
        return _configured.TryGetValue(digest, out var configured) ? new(configured, null)
            : _issued.TryGetValue(digest, out var issued) ? issued.At(_time.GetUtcNow())
            : new(null, TokenText.IsMistyped(presented, TokenText.OperatorPrefix) ? AuthFailure.Mistyped : AuthFailure.Invalid);
    }

    /// <summary>Takes what is stored in the place of what was known.</summary>
    internal void Replace(IEnumerable<OperatorTokenRow> rows)
    {
        var issued = new Dictionary<string, Issued>();
        foreach (var row in rows)
        {
            var who = new Operator(row.Name, Enum.Parse<OperatorScope>(row.Scope, ignoreCase: true), $"token:{row.Id:N}");
            issued[TokenText.Key(row.Digest)] = new(who, row.ExpiresAt, row.RevokedAt is not null);
            if (row.PreviousDigest is { } previous)
            {
                issued[TokenText.Key(previous)] = new(who, row.PreviousUntil, row.RevokedAt is not null);
            }
        }

        _issued = issued.ToFrozenDictionary();
    }

    private sealed record Issued(Operator Operator, DateTimeOffset? Until, bool IsRevoked)
    {
        public TokenVerdict At(DateTimeOffset now) =>
            IsRevoked ? new(null, AuthFailure.Revoked)
            : Until <= now ? new(null, AuthFailure.Expired)
            : new(Operator, null);
    }
}
