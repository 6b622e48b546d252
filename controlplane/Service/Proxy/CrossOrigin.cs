using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// CORS of the proxy: an allow-list of origins, on every answer including errors, and preflights answered without authentication, which browsers
/// cannot send there. Credentials in cookies are never allowed. Source: checklist S2-15, S2-16; WHATWG Fetch, section 3.3.
/// </summary>
public sealed class CrossOrigin(IOptions<ProxyOptions> options)
{
    private const string Exposed =
        "x-request-id, x-gatewayops-revision, x-gatewayops-provider, x-gatewayops-cache, x-gatewayops-attempts, retry-after, openai-processing-ms, request-id, cf-aig-log-id, "
        + "x-ratelimit-limit-requests, x-ratelimit-limit-tokens, x-ratelimit-remaining-requests, x-ratelimit-remaining-tokens, x-ratelimit-reset-requests, x-ratelimit-reset-tokens";

    // What the proxy takes of a caller; the trace of a page goes on here as that of any caller does.
    private static readonly string[] AllowedHeaders =
    [
        "Content-Type", "Authorization", "X-AUTH-TOKEN", "X-SESSION-ID", "x-api-key", "openai-organization", "openai-project", "openai-beta", "anthropic-version", "anthropic-beta",
        "anthropic-dangerous-direct-browser-access", "idempotency-key", "traceparent", "tracestate",
    ];

    // What the SDKs of providers send besides, their keys above all, to the addresses in Cloudflare's shape.
    private static readonly string[] SdkHeaders = ["x-goog-api-key", "x-goog-api-client", "api-key", "xi-api-key"];

    private readonly HashSet<string> _origins = new(options.Value.AllowedOrigins.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries), StringComparer.OrdinalIgnoreCase);

    public void AddHeaders(HttpContext context)
    {
        var headers = context.Response.Headers;
        if (_origins.Contains("*"))
        {
            headers.AccessControlAllowOrigin = "*";
        }
        else
        {
            headers.Append(HeaderNames.Vary, "Origin");
            if (context.Request.Headers.Origin.ToString() is { Length: > 0 } origin && _origins.Contains(origin))
            {
                headers.AccessControlAllowOrigin = origin;
            }
        }

        headers.AccessControlExposeHeaders = Exposed;
    }

    /// <summary>Answers an OPTIONS request; false for any other.</summary>
    public bool TryAnswerPreflight(HttpContext context)
    {
        if (!HttpMethods.IsOptions(context.Request.Method))
        {
            return false;
        }

        var headers = context.Response.Headers;
        // A provider's own paths take every method.
        var isCloudflareShape = ProxyExchange.Of(context).Address is not null;
        headers.AccessControlAllowMethods = isCloudflareShape ? "GET, POST, PUT, PATCH, DELETE, OPTIONS" : "GET, POST, OPTIONS";
        headers.AccessControlAllowHeaders = string.Join(", ", AllowedHeaders.Concat(isCloudflareShape ? SdkHeaders : []).Concat(AskedFor(context.Request)));
        headers.AccessControlMaxAge = "86400";
        context.Response.StatusCode = StatusCodes.Status200OK;
        context.Response.ContentLength = 0;
        return true;
    }

    // OpenAI's browser client sends a family of x-stainless- headers that grows with its versions, Cloudflare's one of cf-aig-.
    private static IEnumerable<string> AskedFor(HttpRequest request) => request.Headers.AccessControlRequestHeaders.ToString()
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Where(name => (name.StartsWith("x-stainless-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("cf-aig-", StringComparison.OrdinalIgnoreCase)) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-'))
        .Take(32);
}
