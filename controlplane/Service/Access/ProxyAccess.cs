using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Access;

/// <summary>
/// Authenticates callers of the proxy by AUTH_TOKEN. Without one, only this machine may call. The token is taken from the first of: X-AUTH-TOKEN,
/// Authorization: Bearer, x-api-key, `?auth_token=`. A wrong one is refused, whatever the others hold.
/// </summary>
public sealed class ProxyAccess(IOptions<ProxyAccessOptions> options, AccessMetrics metrics)
{
    private const string QueryName = "auth_token";

    private readonly byte[]? _digest = options.Value.AuthToken is { } token ? Digest(token) : null;

    public bool IsOpen => _digest is null;

    /// <summary>The caller, or the reason (of <see cref="AuthFailure"/>) to refuse. Takes the token out of the request, so that nothing behind sees it.</summary>
    public (Caller? Caller, string? Refusal) Authenticate(HttpContext context)
    {
        var presented = Take(context.Request);
        var refusal = this switch
        {
            { IsOpen: true } => LocalCaller.Is(context) ? null : AuthFailure.NotLocal,
            _ when presented is null => AuthFailure.Missing,
            _ => CryptographicOperations.FixedTimeEquals(_digest!, Digest(presented)) ? null : AuthFailure.Invalid,
        };
        if (refusal is null)
        {
            return (Caller.Shared, null);
        }

        metrics.Failed(refusal);
        return (null, refusal);
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

    private static byte[] Digest(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
