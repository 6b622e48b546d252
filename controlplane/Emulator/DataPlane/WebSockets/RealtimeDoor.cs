using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane.WebSockets;

/// <summary>
/// Realtime addresses (contract 14): `/openai?model=…` is a small simulated session that speaks text. The other providers' sessions carry audio in
/// dialects of their own; here they are refused with 501 before the upgrade, and a provider that does not exist with 2008.
/// </summary>
public sealed class RealtimeDoor(GatewayPipeline pipeline)
{
    /// <summary>Slugs of the realtime addresses that differ from those of the paths.</summary>
    private static string SlugOf(string segment) => segment == "google" ? "google-ai-studio" : segment;

    public RealtimeOpening Open(Arrival arrival, string segment, IQueryCollection query)
    {
        if (ProviderResolver.Find(arrival.Caller.Account, SlugOf(segment)) is not { } provider)
            return new RealtimeOpening(Session: null, GatewayError.ProviderUnknown);
        if (provider.Slug != "openai")
            return new RealtimeOpening(Session: null, GatewayError.NoRealtime(segment));
        return query["model"].ToString() is { Length: > 0 } model
            ? new RealtimeOpening(new RealtimeSession(pipeline, arrival, provider, model), Refusal: null)
            : new RealtimeOpening(Session: null, GatewayError.BadInput("Required", "query", "model"));
    }
}

/// <summary>One of the two.</summary>
public sealed record RealtimeOpening(RealtimeSession? Session, GatewayError? Refusal);
