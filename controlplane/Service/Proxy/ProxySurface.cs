using System.Globalization;
using GatewayOps.ControlPlane.Access;
using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Proxy.CloudflareShape;
using GatewayOps.ControlPlane.Upstreams;
using GatewayOps.ControlPlane.Usage;
using Microsoft.Extensions.Options;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// What holds for every address of the proxy, found or not: the rule set is pinned, CORS and the x-gatewayops headers are on each answer, and nothing
/// under /v1 and /client/v4 is reached without authentication.
/// </summary>
internal sealed class ProxySurface(
    RequestDelegate next, LoadedRuleSets loaded, ProxyAccess access, KeyGate keys, KeyAllowances allowances, CrossOrigin origins,
    IOptions<CloudflareAccountOptions> account, ProviderTable providers, TimeProvider time)
{
    private readonly CloudflareAccountOptions _account = account.Value;

    // One for all requests.
    private Func<object, Task>? _addHeaders;

    /// <summary>Where callers of models ask, in our shape and in Cloudflare's.</summary>
    public static bool IsApi(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/client/v4");

    public Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        var isApi = IsApi(path);
        if (!isApi && path != "/" && path != "/health")
        {
            return next(context);
        }

        var address = isApi ? CloudflareAddress.Of(context.Request, _account, providers) : null;
        var exchange = new ProxyExchange(loaded.For(address is { Fault: null } ? address.Gateway : _account.GatewayId), time.GetTimestamp()) { Address = address };
        context.Features.Set(exchange);
        context.Response.OnStarting(_addHeaders ??= AddHeaders, context);
        return origins.TryAnswerPreflight(context) ? Task.CompletedTask
            : isApi && Refusal(context, exchange) is { } refusal ? refusal.WriteAsync(context.Response, context.RequestAborted)
            : next(context);
    }

    // Lets the caller in, or says why not.
    private OpenAiError? Refusal(HttpContext context, ProxyExchange exchange)
    {
        // Before anything else: a client of WebSockets may have no other place for its token than a header of theirs.
        if (context.Request.Headers.Upgrade is { Count: > 0 } upgrade && upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase))
        {
            return OpenAiError.NoWebSockets();
        }

        var address = exchange.Address;
        var (caller, refusal) = access.Authenticate(context, address is not null);
        if (caller is null)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"gatewayops\"";
            return OpenAiError.Unauthorized(Explain(refusal));
        }

        // A key in a header that the provider does not take is none: the gateway would ask with the stored one.
        exchange.Caller = caller = caller.OwnKeys.Count == 0 ? caller : caller with { OwnKeys = [.. caller.OwnKeys.Where(key => NativeKeyHeaders.Has(address!.Provider, key.Key))] };
        return keys.RefuseGateway(caller, exchange.Rules.Gateway) ?? address?.Fault ?? Unfit(caller.OwnKeys);
    }

    private static OpenAiError? Unfit(IReadOnlyList<KeyValuePair<string, string>> ownKeys) =>
        ownKeys.Count > 0 && ownKeys.FirstOrDefault(key => !HeaderText.IsSafe(key.Value)) is { Key: { } unfit }
            ? OpenAiError.Invalid("invalid_provider_key", $"The key in {unfit} holds characters that no header may carry: it was not sent. Copy the provider's key again.")
            : null;

    private static string Explain(string? refusal) => refusal switch
    {
        AuthFailure.Invalid => "This token is not known here: check the API key against the proxy's AUTH_TOKEN, or have a virtual key issued (`gatewayops token create --key`).",
        AuthFailure.Mistyped => "This virtual key is not whole: its checksum does not fit. Copy it again.",
        AuthFailure.Expired => "This virtual key has expired: use the one that replaced it, or have another issued (`gatewayops token create --key`).",
        AuthFailure.Revoked => "This virtual key is revoked: have another issued (`gatewayops token create --key`).",
        AuthFailure.NotLocal => "No AUTH_TOKEN is configured, so only this machine may call, by a loopback name: set AUTH_TOKEN for the service.",
        _ => "A token is needed: send it as Authorization: Bearer (the API key of any OpenAI client), X-AUTH-TOKEN or x-api-key.",
    };

    // On starting: the error handlers clear the headers that were set before them.
    private Task AddHeaders(object state)
    {
        var context = (HttpContext)state;
        var exchange = ProxyExchange.Of(context);
        var headers = context.Response.Headers;
        // Names are checked when rule sets come in; a row need not have come that way.
        headers["x-gatewayops-revision"] = HeaderText.IsSafe(exchange.Revision) ? exchange.Revision : "unprintable";
        headers["x-gatewayops-provider"] = exchange.Provider;
        headers["x-gatewayops-cache"] = exchange.Cache;
        if (exchange.Attempts > 0)
        {
            headers["x-gatewayops-attempts"] = exchange.Attempts == 1 ? "1" : exchange.Attempts.ToString(CultureInfo.InvariantCulture);
        }

        if (exchange.Caller.VirtualKey is { } key)
        {
            KeyHeaders.Write(headers, allowances.BalancesOf(key));
        }

        origins.AddHeaders(context);
        return Task.CompletedTask;
    }
}
