using System.Net;
using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>
/// What every door has in common: it lets a caller in, and turns what is asked for into provider calls. Also the way in for surfaces that are not below
/// `/v1/{account}/{gateway}`: <see cref="Enter"/> with a gateway that they found themselves, then <see cref="RunAsync"/>, then <see cref="HttpAnswer"/>.
/// </summary>
public sealed class GatewayDoor(GatewayAccess access, GatewayPipeline pipeline)
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
        var (target, error) = Resolve(wish);
        return target is null ? CallAnswer.Refused(error!, wish.Step) : await pipeline.RunAsync(ProviderCall.Of(arrival, target, wish), gone);
    }

    private static (CallTarget? Target, GatewayError? Error) Resolve(CallWish wish)
    {
        if (wish.Segment == CallTarget.CompatSegment)
            return Unified(wish);
        return GatewayProvider.Find(wish.Segment) is { } provider ? (CallTarget.Native(provider, wish), null) : (null, GatewayError.ProviderUnknown);
    }

    private static (CallTarget? Target, GatewayError? Error) Unified(CallWish wish)
    {
        if (wish.Rest is not ("chat/completions" or "v1/chat/completions"))
            return (null, GatewayError.NoSuchEndpoint);
        // The model of Workers AI, of Vertex and of Bedrock contains slashes itself: only the first one divides.
        if (wish.Body.Model?.Split('/', 2) is not [{ Length: > 0 } slug, { Length: > 0 } model])
            return (null, GatewayError.BadChat);
        return GatewayProvider.Find(slug) is { } provider ? (CallTarget.Chat(provider, model, wish), null) : (null, GatewayError.ProviderUnknown);
    }
}
