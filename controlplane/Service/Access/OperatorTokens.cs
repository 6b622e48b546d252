using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Access;

/// <summary>Who presented a token.</summary>
public sealed record Operator(string Name, OperatorScope Scope);

/// <summary>
/// The configured operator tokens, as digests. A presented value is hashed and compared with every digest in constant time, so neither the time nor
/// a stored hash helps a caller.
/// </summary>
public sealed class OperatorTokens(IOptions<OperatorOptions> options)
{
    /// <summary>Name of whoever uses the single token.</summary>
    public const string SingleName = "operator";

    private readonly IReadOnlyList<(byte[] Digest, Operator Operator)> _known =
    [
        .. options.Value.Token is { } single ? [(Digest(single), new Operator(SingleName, OperatorScope.Admin))] : Array.Empty<(byte[], Operator)>(),
        .. options.Value.Tokens.Select(token =>
            (token.Token is { } value ? Digest(value) : Convert.FromHexString(token.Hash!), new Operator(token.Name, token.Scope))),
    ];

    public bool AreConfigured => _known.Count > 0;

    public Operator? Find(string presented)
    {
        var digest = Digest(presented);
        Operator? found = null;
        foreach (var (known, who) in _known)
        {
            if (CryptographicOperations.FixedTimeEquals(known, digest))
            {
                found = who;
            }
        }

        return found;
    }

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
