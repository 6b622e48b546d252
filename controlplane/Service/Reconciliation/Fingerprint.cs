using System.Security.Cryptography;
using System.Text;
using GatewayOps.ControlPlane.Upstreams;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Reconciliation;

/// <summary>
/// Recognises a provider key without keeping it: the first 12 hex digits of an HMAC-SHA-256. Keyed by the account, so that one key gives different
/// fingerprints in two accounts, and the same on every replica and after any change of tokens.
/// </summary>
public sealed class Fingerprint(IOptions<CloudflareAccountOptions> account)
{
    public string Of(string value) => Convert.ToHexStringLower(HMACSHA256.HashData(
        Encoding.UTF8.GetBytes($"gatewayops provider key {account.Value.AccountId}"),
        Encoding.UTF8.GetBytes(value)))[..12];
}
