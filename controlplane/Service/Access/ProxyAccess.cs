using System.Security.Cryptography;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// Authenticates callers of the proxy by AUTH_TOKEN or a virtual key. Without AUTH_TOKEN this machine's callers need neither; who presents a virtual key is held to it all the same. The token
/// is taken from the first of: X-AUTH-TOKEN, Authorization: Bearer, x-api-key, `?auth_token=`. A wrong one is refused, whatever the others hold.
/// </summary>
public sealed class ProxyAccess(IOptions<ProxyAccessOptions> options, VirtualKeys keys, AccessMetrics metrics)
{
    private const string QueryName = "auth_token";

    private readonly byte[]? _digest = options.Value.AuthToken is { } token ? TokenText.Digest(token) : null;

    public bool IsOpen => _digest is null;

    /// <summary>The caller, or the reason (of <see cref="AuthFailure"/>) to refuse. Takes the token out of the request, so that nothing behind sees it.</summary>
    public (Caller? Caller, string? Refusal) Authenticate(HttpContext context)
    {
        var presented = Take(context.Request);
        var (caller, refusal) =
            presented is not null && _digest is not null && CryptographicOperations.FixedTimeEquals(_digest, TokenText.Digest(presented)) ? (Caller.Shared, null)
            // Clients that must have some API key send anything to an open proxy: only what looks like a key of ours is taken for one.
            : presented is not null && (!IsOpen || presented.StartsWith(TokenText.KeyPrefix, StringComparison.Ordinal)) ? OfKey(presented)
            : !IsOpen ? (null, AuthFailure.Missing)
            : LocalCaller.Is(context) ? (Caller.Shared, null)
            : (null, AuthFailure.NotLocal);
        if (refusal is not null)
        {
            metrics.Failed(refusal);
        }

        return (caller, refusal);
    }

    private (Caller? Caller, string? Refusal) OfKey(string presented)
    {
        var (key, refusal) = keys.Find(presented);
        return (key is null ? null : Caller.Of(key), refusal);
    }

    private static string? Take(HttpRequest request)
    {
        var headers = request.Headers;
        var own = headers["X-AUTH-TOKEN"].ToString();
        var authorization = headers[HeaderNames.Authorization].ToString();
        var apiKey = headers["x-api-key"].ToString();
        var query = request.Query[QueryName].ToString();
        headers.Remove("X-AUTH-TOKEN");
        headers.Remove(HeaderNames.Authorization);
        headers.Remove("x-api-key");
        if (request.Query.ContainsKey(QueryName))
        {
            request.QueryString = QueryString.Create(QueryHelpers.ParseQuery(request.QueryString.Value).Where(pair => pair.Key != QueryName));
        }

        return own.Length > 0 ? own
            : authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..].Trim()
            : apiKey.Length > 0 ? apiKey
            : query.Length > 0 ? query
            : null;
    }
}
