using System.Text;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>What a simulated provider received. Headers are shown whole, credentials too: these keys are simulated, and tests check the injection by them.</summary>
/// <param name="Url">The address at the real provider.</param>
/// <param name="Path">As the provider sees it: its prefix, the path and the query.</param>
/// <param name="Body">The text, cut at <see cref="BodyLimit"/> bytes.</param>
/// <param name="BodySize">Bytes received.</param>
public sealed record RecordedRequest(
    string Method, string Url, string Path, IReadOnlyDictionary<string, string> Headers, string Body, long BodySize, bool Stream)
{
    public const int BodyLimit = 256 * 1024;

    /// <param name="body">As much of it as was kept.</param>
    public static RecordedRequest Of(UpstreamRequest request, ReadOnlyMemory<byte> body, long bodySize)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Headers)
        {
            var key = name.ToLowerInvariant();
            headers[key] = headers.TryGetValue(key, out var earlier) ? $"{earlier}, {value}" : value;
        }
        return new(
            request.Method, request.Url, request.Provider.Prefix + request.Path + request.Query, headers,
            Encoding.UTF8.GetString(body.Span), bodySize, request.Streamed);
    }
}
