using System.Text;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>What a simulated provider received. Headers are shown whole, credentials too: these keys are simulated, and tests check the injection by them.</summary>
/// <param name="Path">As the provider sees it: its prefix, the path and the query.</param>
/// <param name="Body">The text, cut at <see cref="BodyLimit"/> bytes.</param>
/// <param name="BodySize">Bytes received.</param>
public sealed record RecordedRequest(
    string Method, string Path, IReadOnlyDictionary<string, string> Headers, string Body, long BodySize, bool Stream)
{
    public const int BodyLimit = 256 * 1024;

    public static RecordedRequest Of(UpstreamRequest request)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Headers)
        {
            var key = name.ToLowerInvariant();
            headers[key] = headers.TryGetValue(key, out var earlier) ? $"{earlier}, {value}" : value;
        }
        var shown = request.Body[..Math.Min(request.Body.Length, BodyLimit)];
        return new(
            request.Method, request.Provider.Prefix + request.Path + request.Query, headers,
            Encoding.UTF8.GetString(shown.Span), request.Body.Length, request.Streamed);
    }
}
