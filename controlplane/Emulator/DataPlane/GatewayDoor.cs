using System.Net;
using GatewayOps.Emulator.DataPlane.Routing;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// What every door has in common: it lets a caller in, and turns what is asked for into provider calls. Also the way in for surfaces that are not below
/// `/v1/{account}/{gateway}`: <see cref="Enter"/> with a gateway that they found themselves, then <see cref="RunAsync"/>, then <see cref="HttpAnswer"/>.
/// </summary>
public sealed class GatewayDoor(GatewayAccess access, RouteRunner routes, AutoRouter auto, GatewayPipeline pipeline, EmulatorOptions options)
{
    /// <param name="from">The caller's address, which a token's condition may forbid.</param>
    public (Arrival? Arrival, GatewayError? Error) Enter(string accountId, string gatewayId, CallSurface surface, IHeaderDictionary headers, IPAddress? from)
    {
        var (caller, error) = access.Check(accountId, gatewayId, headers, from);
        return caller is null ? (null, error) : (Arrival.Of(caller, surface, headers), null);
    }

    /// <summary>For a surface that has its own access rules: the caller is whom it says.</summary>
    /// <param name="token">The Cloudflare token that the surface accepted in `Authorization`.</param>
    public static Arrival Enter(AccountState account, GatewayState gateway, string token, CallSurface surface, IHeaderDictionary headers) =>
        Arrival.Of(new Caller(account, gateway, token, InAuthorization: true), surface, headers);

    /// <summary>Runs what is asked for. Never null, never an exception for bad input: what the gateway refuses is an answer too. Dispose it.</summary>
    /// <exception cref="OperationCanceledException">The client went away.</exception>
    public async Task<CallAnswer> RunAsync(Arrival arrival, CallWish wish, CancellationToken gone)
    {
        if (RouteOf(arrival, wish) is { } route)
            return await routes.RunAsync(arrival, route, wish, gone);
        if (wish.Segment == CallTarget.CompatSegment && IsChat(wish.Rest) && wish.Body.Model == AutoRouter.Model && arrival.Surface != CallSurface.WebSocket)
            return await auto.RunAsync(arrival, wish, gone);
        var (target, error) = Resolve(arrival.Caller.Account, wish);
        return target is null ? CallAnswer.Refused(error!, wish.Step) : await pipeline.RunAsync(ProviderCall.Of(arrival, target, wish), gone);
    }

    /// <summary>Null when no dynamic route is asked for. Whether they work on the REST surface is not certain (contract 5.2).</summary>
    private string? RouteOf(Arrival arrival, CallWish wish) =>
        wish.Segment == CallTarget.CompatSegment && IsChat(wish.Rest) && wish.Body.Model is { } model && model.StartsWith(RequestLog.RoutePrefix, StringComparison.Ordinal)
        && (arrival.Surface != CallSurface.Rest || options.Assumptions.RoutesOnRestSurface)
            ? model[RequestLog.RoutePrefix.Length..]
            : null;

    private static (CallTarget? Target, GatewayError? Error) Resolve(AccountState account, CallWish wish)
    {
        if (wish.Segment == CallTarget.CompatSegment)
            return Unified(account, wish);
        return ProviderResolver.Find(account, wish.Segment) is { } provider ? (CallTarget.Native(provider, wish), null) : (null, GatewayError.ProviderUnknown);
    }

    private static (CallTarget? Target, GatewayError? Error) Unified(AccountState account, CallWish wish)
    {
        if (!IsChat(wish.Rest))
            return (null, GatewayError.NoSuchEndpoint);
        // The model of Workers AI, of Vertex and of Bedrock contains slashes itself: only the first one divides.
        if (wish.Body.Model?.Split('/', 2) is not [{ Length: > 0 } slug, { Length: > 0 } model])
            return (null, GatewayError.BadChat);
        return ProviderResolver.Find(account, slug) is { } provider ? (CallTarget.Chat(provider, model, wish), null) : (null, GatewayError.ProviderUnknown);
    }

    private static bool IsChat(string path) => path is "chat/completions" or "v1/chat/completions";
}
