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

    /// <summary>Where callers of models ask, in our shape and in Cloudflare's.</summary>
    public static bool IsApi(PathString path) => path.StartsWithSegments("/v1") || path.StartsWithSegments("/client/v4");

    public async Task InvokeAsync(HttpContext context)
    {
        var path = context.Request.Path;
        var isApi = IsApi(path);
        if (!isApi && path != "/" && path != "/health")
        {
            await next(context);
            return;
        }

        var address = isApi ? CloudflareAddress.Of(context.Request, _account, providers) : null;
        var exchange = new ProxyExchange(loaded.For(address is { Fault: null } ? address.Gateway : _account.GatewayId), time.GetTimestamp()) { Address = address };
        context.Features.Set(exchange);
        context.Response.OnStarting(AddHeaders, context);
        if (origins.TryAnswerPreflight(context))
        {
            return;
        }

        if (isApi)
        {
            // Before anything else: a client of WebSockets may have no other place for its token than a header of theirs.
            if (context.Request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase))
            {
                await OpenAiError.NoWebSockets().WriteAsync(context.Response, context.RequestAborted);
                return;
            }

            var (caller, refusal) = access.Authenticate(context, address is not null);
            if (caller is null)
            {
                context.Response.Headers.WWWAuthenticate = "Bearer realm=\"gatewayops\"";
                await OpenAiError.Unauthorized(Explain(refusal)).WriteAsync(context.Response, context.RequestAborted);
                return;
            }

            // A key in a header that the provider does not take is none: the gateway would ask with the stored one.
            exchange.Caller = caller = caller with { OwnKeys = [.. caller.OwnKeys.Where(key => NativeKeyHeaders.Has(address!.Provider, key.Key))] };
            if (keys.RefuseGateway(caller, exchange.Rules.Gateway) is { } foreign)
            {
                await foreign.WriteAsync(context.Response, context.RequestAborted);
                return;
            }

            if (address?.Fault is { } fault)
            {
                await fault.WriteAsync(context.Response, context.RequestAborted);
                return;
            }

            if (caller.OwnKeys.FirstOrDefault(key => !HeaderText.IsSafe(key.Value)) is { Key: { } unfit })
            {
                await OpenAiError.Invalid("invalid_provider_key", $"The key in {unfit} holds characters that no header may carry: it was not sent. Copy the provider's key again.").WriteAsync(context.Response, context.RequestAborted);
                return;
            }
        }

        await next(context);
    }

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
            headers["x-gatewayops-attempts"] = exchange.Attempts.ToString();
        }

        if (exchange.Caller.VirtualKey is { } key)
        {
            KeyHeaders.Write(headers, allowances.BalancesOf(key));
        }

        origins.AddHeaders(context);
        return Task.CompletedTask;
    }
}
