using GatewayOps.Emulator.State;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>One call to one provider: what <see cref="GatewayPipeline"/> runs. Every door makes these and nothing else.</summary>
/// <param name="Headers">End-to-end headers for the provider, its key among them where the client sent one.</param>
/// <param name="Directives">Those of the step over those of the request.</param>
/// <param name="Step">Of a universal request, from 0.</param>
public sealed record ProviderCall(
    Arrival Arrival, CallTarget Target, string Method, IReadOnlyList<KeyValuePair<string, string>> Headers, RequestDirectives Directives, int Step)
{
    /// <summary>How often and how patiently; a model element of a dynamic route says it itself.</summary>
    public RetryRule Retry { get; init; } = RetryRule.For(Directives, Arrival.Gateway.Settings);

    /// <summary>The dynamic route that makes this call; null for all others.</summary>
    public string? Route { get; init; }

    /// <summary>Told what each attempt cost, in USD: the budgets of a dynamic route.</summary>
    public Action<decimal>? Paid { get; init; }

    public Caller Caller => Arrival.Caller;

    public GatewayState Gateway => Arrival.Gateway;

    public GatewayProvider Provider => Target.Provider;

    /// <summary>As the provider knows it; empty when the request names none.</summary>
    public string Model => Target.Model;

    public RequestBody Body => Target.Body;

    public static ProviderCall Of(Arrival arrival, CallTarget target, CallWish wish) =>
        new(arrival, target, wish.Method, With(wish.Headers, target.Provider.Headers), wish.Directives, wish.Step);

    private static IReadOnlyList<KeyValuePair<string, string>> With(IReadOnlyList<KeyValuePair<string, string>> headers, IReadOnlyList<KeyValuePair<string, string>> more) =>
        more.Count == 0 ? headers : [.. headers, .. more.Where(header => !headers.Any(sent => sent.Key.Equals(header.Key, StringComparison.OrdinalIgnoreCase)))];
}
