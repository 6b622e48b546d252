using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>One request of a client on a gateway, whatever door it came by and however many provider calls come of it.</summary>
/// <param name="Directives">Of its headers; a step may say more.</param>
/// <param name="Headers">Those that may go on to a provider.</param>
public sealed record Arrival(
    Caller Caller, CallSurface Surface, RequestDirectives Directives, IReadOnlyList<KeyValuePair<string, string>> Headers, string? UserAgent)
{
    private bool _counted;

    public GatewayState Gateway => Caller.Gateway;

    /// <summary>Who calls, as policies see it.</summary>
    public CallerIdentity Identity { get; init; } = CallerIdentity.Unknown;

    public string RequestId { get; } = Identifier.NewUuid();

    /// <summary>The client's own, or one of the gateway's.</summary>
    public string EventId { get; } = Directives.EventId ?? Identifier.NewUuid();

    public static Arrival Of(Caller caller, CallSurface surface, IHeaderDictionary headers) =>
        new(caller, surface, RequestDirectives.Read(headers), ForwardedHeaders.Of(headers, caller), headers.UserAgent is [{ Length: > 0 } agent, ..] ? agent : null) { Identity = CallerIdentity.Of(headers) };

    /// <summary>Counts towards the gateway's limit, once: the later steps of a universal request are the same request. Calls of one request do not overlap.</summary>
    public bool TryCount(RateWindow window, DateTimeOffset now)
    {
        if (_counted)
            return true;
        return _counted = window.TryTake(Gateway.Settings, now);
    }
}
