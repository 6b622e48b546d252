using System.Text.Json;

namespace GatewayOps.ControlPlane.Proxy.CloudflareShape;

/// <summary>
/// What a caller in Cloudflare's shape may ask of the gateway by cf-aig- headers: to be kept out of the cache, and of the log where no rule decides that, and up to three members of metadata
/// beside ours. Keys of caches, retries, timeouts, costs and the choice of stored keys are the operator's. Source: Cloudflare contract, section 12.1.
/// </summary>
public sealed record CallerDirectives(bool SkipCache, bool? CollectLog, IReadOnlyDictionary<string, JsonElement> Metadata)
{
    /// <summary>The gateway keeps five members; request_id and revision are ours.</summary>
    private const int MostMetadata = 3;

    public static CallerDirectives None { get; } = new(false, null, new Dictionary<string, JsonElement>());

    public static CallerDirectives Of(IHeaderDictionary headers)
    {
        var skip = Flag(headers["cf-aig-skip-cache"]) ?? Flag(headers["cf-skip-cache"]) ?? false;
        var collect = Flag(headers["cf-aig-collect-log"]);
        var metadata = CallerMetadata.Read(headers[CallerMetadata.Header], MostMetadata, static name => name is not ("request_id" or "revision"));
        return !skip && collect is null && metadata.Count == 0 ? None : new CallerDirectives(skip, collect, metadata);
    }

    private static bool? Flag(string? value) => value switch { "true" or "1" => true, "false" or "0" => false, _ => null };
}
