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
    /// <summary>Where Cloudflare's clients put the gateway's token, which leaves `Authorization` to a provider's key. Source: Cloudflare contract, section 12.1.</summary>
    private const string GatewayToken = "cf-aig-authorization";

    private const string QueryName = "auth_token";

    /// <summary>Headers that carry a provider's key. Source: Cloudflare contract, section 11.</summary>
    private static readonly string[] ProviderKeys = [HeaderNames.Authorization, "x-api-key", "x-goog-api-key", "api-key", "xi-api-key"];

    private readonly byte[]? _digest = options.Value.AuthToken is { } token ? TokenText.Digest(token) : null;

    public bool IsOpen => _digest is null;

    /// <summary>
    /// The caller, or the reason (of <see cref="AuthFailure"/>) to refuse. Takes the token out of the request, so that nothing behind sees it. At addresses in Cloudflare's shape the token may
    /// stand in cf-aig-authorization: then what the other headers carry is the caller's own key of a provider. Without it, each of them may carry the token.
    /// </summary>
    public (Caller? Caller, string? Refusal) Authenticate(HttpContext context, bool isCloudflareShape = false)
    {
        var headers = context.Request.Headers;
        var ofGateway = isCloudflareShape ? headers[GatewayToken].ToString() : "";
        var ownKeys = ofGateway.Length > 0 ? OwnKeys(headers) : null;
        var presented = Take(context.Request, isCloudflareShape);
        presented = ofGateway.Length > 0 ? Bearer(ofGateway) ?? ofGateway : presented;
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        if (presented is not null)
        {
            TokenText.Digest(presented, digest);
        }

        var (caller, refusal) =
            presented is not null && _digest is not null && CryptographicOperations.FixedTimeEquals(_digest, digest) ? (Caller.Shared, null)
            // Clients that must have some API key send anything to an open proxy: only what looks like a key of ours is taken for one.
            : presented is not null && (!IsOpen || presented.StartsWith(TokenText.KeyPrefix, StringComparison.Ordinal)) ? keys.Find(presented, digest)
            : !IsOpen ? (null, AuthFailure.Missing)
            : LocalCaller.Is(context) ? (Caller.Shared, null)
            : (null, AuthFailure.NotLocal);
        if (refusal is not null)
        {
            metrics.Failed(refusal);
        }

        return (ownKeys?.Count > 0 && caller is not null ? caller with { OwnKeys = ownKeys } : caller, refusal);
    }

    // A token of ours is no provider's key, wherever it stands; nor is the name of a scheme with nothing behind it.
    private List<KeyValuePair<string, string>> OwnKeys(IHeaderDictionary headers)
    {
        var own = new List<KeyValuePair<string, string>>();
        foreach (var name in ProviderKeys)
        {
            if (headers[name].ToString() is { Length: > 0 } value && !value.Equals("Bearer", StringComparison.OrdinalIgnoreCase) && !IsOurs(Bearer(value) ?? value))
            {
                own.Add(new(name, value));
            }

            headers.Remove(name);
        }

        return own;
    }

    private bool IsOurs(string value) =>
        value.StartsWith(TokenText.KeyPrefix, StringComparison.Ordinal) || (_digest is not null && CryptographicOperations.FixedTimeEquals(_digest, TokenText.Digest(value)));

    private static string? Take(HttpRequest request, bool isCloudflareShape)
    {
        var headers = request.Headers;
        var own = headers["X-AUTH-TOKEN"].ToString();
        var authorization = headers[HeaderNames.Authorization].ToString();
        var apiKey = headers["x-api-key"].ToString();
        var query = request.QueryString.HasValue ? request.Query[QueryName].ToString() : "";
        headers.Remove("X-AUTH-TOKEN");
        headers.Remove(HeaderNames.Authorization);
        headers.Remove("x-api-key");
        if (isCloudflareShape)
        {
            headers.Remove(GatewayToken);
            foreach (var name in ProviderKeys)
            {
                apiKey = apiKey.Length > 0 ? apiKey : headers[name].ToString();
                headers.Remove(name);
            }
        }

        if (request.QueryString.HasValue && request.Query.ContainsKey(QueryName))
        {
            request.QueryString = QueryString.Create(QueryHelpers.ParseQuery(request.QueryString.Value).Where(pair => !pair.Key.Equals(QueryName, StringComparison.OrdinalIgnoreCase)));
        }

        return own.Length > 0 ? own
            : Bearer(authorization) is { } bearer ? bearer
            : apiKey.Length > 0 ? apiKey
            : query.Length > 0 ? query
            : null;
    }

    private static string? Bearer(string value) => value.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? value["Bearer ".Length..].Trim() : null;
}
