using System.Net;
using System.Net.Http.Headers;
using GatewayOps.ControlPlane.Upstreams;

namespace GatewayOps.ControlPlane.Proxy.Caching;

/// <summary>The whole of an answer with status 200: its bytes as the provider sent them, a stream's included.</summary>
public sealed record KeptAnswer(ReadOnlyMemory<byte> Body, string? ContentType)
{
    // What the entry costs beside its body: keys, nodes, objects.
    private const int Overhead = 512;

    public long Bytes => Body.Length + Overhead;

    /// <summary>The answer as if it had just arrived. Headers that were about the first request (limits, log ids) are not repeated.</summary>
    public UpstreamAnswer ToAnswer(TimeProvider time)
    {
        var content = new ReadOnlyMemoryContent(Body);
        // What a provider calls its answer need not be a media type.
        if (MediaTypeHeaderValue.TryParse(ContentType, out var type))
        {
            content.Headers.ContentType = type;
        }

        return new UpstreamAnswer(new HttpResponseMessage(HttpStatusCode.OK) { Content = content }, time) { CacheStatus = "hit" };
    }
}

/// <summary>Where an answer is kept. <paramref name="Key"/> has the tenant in it, unless the rule shares: see <see cref="CacheKey"/>.</summary>
public readonly record struct AnswerKey(string Gateway, string Key);
