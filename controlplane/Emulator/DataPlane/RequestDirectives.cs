using System.Globalization;
using GatewayOps.Emulator.State;
using Microsoft.Extensions.Primitives;

namespace GatewayOps.Emulator.DataPlane;

/// <summary>The `cf-aig-*` headers of one request (contract 12.1). They win over the gateway's settings. A value that cannot be read counts as absent.</summary>
/// <param name="CacheTtl">Seconds; 0 turns the cache off for this request.</param>
/// <param name="Timeout">To the first byte.</param>
/// <param name="MaxAttempts">1 to 5.</param>
/// <param name="RetryDelay">Milliseconds.</param>
/// <param name="Metadata">The text of a JSON object.</param>
public sealed record RequestDirectives(
    bool SkipCache,
    long? CacheTtl,
    string? CacheKey,
    TimeSpan? Timeout,
    long? MaxAttempts,
    long? RetryDelay,
    RetryBackoff? Backoff,
    string? Metadata,
    CustomCost? CustomCost,
    bool? CollectLog,
    bool CollectPayload,
    string? EventId,
    string? ByokAlias,
    bool NoWholesale)
{
    private const int MostEventIdLength = 256;

    public static RequestDirectives Read(IHeaderDictionary headers)
    {
        return new RequestDirectives(
            Flag("cf-aig-skip-cache") ?? Flag("cf-skip-cache") ?? false,
            Number("cf-aig-cache-ttl") ?? Number("cf-cache-ttl"),
            Text("cf-aig-cache-key"),
            Number("cf-aig-request-timeout") is > 0 and <= int.MaxValue and var timeout ? TimeSpan.FromMilliseconds(timeout) : null,
            Number("cf-aig-max-attempts") is >= 1 and var attempts ? Math.Min(attempts, 5) : null,
            Number("cf-aig-retry-delay"),
            Text("cf-aig-backoff") switch
            {
                "constant" => RetryBackoff.Constant,
                "linear" => RetryBackoff.Linear,
                "exponential" => RetryBackoff.Exponential,
                _ => null,
            },
            LogMetadata.Read(Text("cf-aig-metadata")),
            DataPlane.CustomCost.Read(Text("cf-aig-custom-cost")),
            Flag("cf-aig-collect-log"),
            Flag("cf-aig-collect-log-payload") ?? true,
            // It is sent back in a header, which takes printable ASCII only.
            Text("cf-aig-event-id") is { Length: <= MostEventIdLength } id && id.All(sign => sign is >= ' ' and <= '~') ? id : null,
            Text("cf-aig-byok-alias"),
            Flag("cf-aig-no-wholesale") ?? false);

        string? Text(string name) => headers.TryGetValue(name, out var value) && !StringValues.IsNullOrEmpty(value) ? value.ToString() : null;

        bool? Flag(string name) => bool.TryParse(Text(name), out var flag) ? flag : null;

        long? Number(string name) => long.TryParse(Text(name), NumberStyles.None, null, out var number) ? number : null;
    }
}
