using System.Collections.Frozen;
using System.Text.Json;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>One attempt at one provider, ready to be sent.</summary>
public sealed record UpstreamRequest
{
    public required string Gateway { get; init; }
    public required UpstreamProvider Provider { get; init; }

    /// <summary>One of <see cref="Operations"/> that the provider has; empty where <see cref="Path"/> is none of them.</summary>
    public required string Operation { get; init; }

    /// <summary>The model as the provider calls it, for traces; null where the request names none.</summary>
    public string? Model { get; init; }

    /// <summary>What stands behind the provider's slug in the gateway's URL, percent-encoded and with its query; null is the path of <see cref="Operation"/>. In direct mode it counts for nothing.</summary>
    public string? Path { get; init; }

    public HttpMethod Method { get; init; } = HttpMethod.Post;

    /// <summary>Of the body; null where there is none.</summary>
    public string? ContentType { get; init; } = "application/json";

    /// <summary>The kinds of answers that the caller takes; null: JSON, or a stream.</summary>
    public string? Accept { get; init; }

    /// <summary>The bytes to send, in order: slices of what the caller sent with the few edits that routing makes.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Body { get; init; }

    /// <summary>Asks for `text/event-stream`.</summary>
    public required bool Stream { get; init; }

    /// <summary>Goes into cf-aig-metadata, so that a log row of the gateway finds its request.</summary>
    public required string RequestId { get; init; }

    /// <summary>Which attempt of its request it is, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>Label of the revisions that decided.</summary>
    public required string Revision { get; init; }

    /// <summary>Time to the first byte that the gateway may take. We cut at the same time ourselves; this frees the gateway's side.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Null leaves caching to the gateway's own setting.</summary>
    public UpstreamCache? Cache { get; init; }

    /// <summary>Null leaves logging to the gateway's own setting.</summary>
    public bool? CollectLog { get; init; }

    /// <summary>Headers of the caller that go along. Values come from Kestrel.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> CallerHeaders { get; init; } = [];

    /// <summary>Headers with the caller's own key of this provider, in the place of the stored one. Values come from Kestrel.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> OwnKeys { get; init; } = [];

    /// <summary>The caller's own members of the log's metadata, beside ours.</summary>
    public IReadOnlyDictionary<string, JsonElement> Metadata { get; init; } = FrozenDictionary<string, JsonElement>.Empty;
}

/// <summary>What a rule says about caching one request.</summary>
/// <param name="Key">64 hex digits, or null to skip the cache.</param>
/// <param name="Ttl">60 s to 30 days. Source: Cloudflare contract, section 12.1.</param>
public sealed record UpstreamCache(string? Key, TimeSpan Ttl)
{
    public static UpstreamCache Skip { get; } = new(null, TimeSpan.Zero);
}
