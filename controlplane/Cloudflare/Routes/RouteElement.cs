using System.Text.Json.Nodes;

namespace GatewayOps.Cloudflare.Routes;

/// <summary>
/// A node of a route's graph; edges are ids of other elements. What was received besides the members here is kept and written back.
/// Source: Cloudflare contract, section 5.1.
/// </summary>
public abstract record RouteElement(string Id)
{
    /// <summary>The element as it was read; empty for a new one.</summary>
    internal JsonObject Received { get; init; } = [];
}

/// <summary>Where a request enters; a graph has one.</summary>
public sealed record StartElement(string Id, string Next) : RouteElement(Id);

/// <summary>`Conditions` is a MongoDB-like object, as `{"metadata.plan":{"$eq":"free"}}`.</summary>
public sealed record ConditionalElement(string Id, JsonObject Conditions, string WhenTrue, string WhenFalse) : RouteElement(Id);

/// <summary>Keys of `Shares` are percentages (`10%`), five at most, and `else`; without `else` they total 100 %.</summary>
public sealed record PercentageElement(string Id, IReadOnlyDictionary<string, string> Shares) : RouteElement(Id);

/// <summary>
/// Lets `Limit` through per `Window` (whole seconds) and per value of `Key`, as `metadata.user_id`: requests where `LimitType` is count, USD where it is cost.
/// Beyond that goes to `Fallback`; null where a stored graph has none, which stops the route there.
/// </summary>
public sealed record RateElement(string Id, string LimitType, string Key, decimal Limit, TimeSpan Window, string Success, string? Fallback) : RouteElement(Id);

/// <summary>Calls a model: `Timeout` in whole milliseconds, `Retries` 0 or more. `Fallback` as for <see cref="RateElement"/>.</summary>
public sealed record ModelElement(string Id, string Provider, string Model, TimeSpan Timeout, int Retries, string Success, string? Fallback) : RouteElement(Id);

/// <summary>Answers with the last model's answer, or with an error when there was none.</summary>
public sealed record EndElement(string Id) : RouteElement(Id);

/// <summary>An element of a kind, or of a make, that this client does not know. It goes back as it came.</summary>
public sealed record OtherElement(string Id, string Type) : RouteElement(Id);
