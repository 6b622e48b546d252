using System.IO.Compression;
using System.Net;
using System.Runtime.CompilerServices;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>
/// A provider at a real address (an Ollama, say): the request goes there as it is, the base URL in place of the provider's own host and prefix. The
/// answer comes back as it is, but for its compression, which would hide the tokens from the gateway.
/// </summary>
/// <param name="baseUrl">Absolute http or https; comes from the operator's options only, never from a request.</param>
public sealed class ForwardedUpstream(Uri baseUrl, HttpMessageInvoker http) : IUpstream
{
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authenticate", "content-length", "alt-svc",
    };

    private readonly string _base = baseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/');

    /// <summary>One connection pool for all forwarded providers: no proxy from the environment, no redirects, no cookies, no decompression.</summary>
    public static HttpMessageInvoker Connect() => new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    public async Task<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        var address = AddressOf(request);
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), address);
        if (request.Body.Length > 0)
            message.Content = new ReadOnlyMemoryContent(request.Body);
        foreach (var (name, value) in request.Headers)
        {
#pragma warning disable RS0030 // values come from Kestrel, which refuses CR and LF, or from a stored key that was checked for control characters
            if (!message.Headers.TryAddWithoutValidation(name, value))
                message.Content?.Headers.TryAddWithoutValidation(name, value);
#pragma warning restore RS0030
        }
        message.Headers.AcceptEncoding.ParseAdd("identity");
        try
        {
            var answer = await http.SendAsync(message, cancellationToken);
            var encoding = answer.Content.Headers.ContentEncoding.LastOrDefault()?.ToLowerInvariant() ?? "";
            var isDecoded = encoding is "gzip" or "br" or "deflate";
            var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
                .Where(header => !NotForwarded.Contains(header.Key) && !(isDecoded && header.Key.Equals("content-encoding", StringComparison.OrdinalIgnoreCase)))
                .SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value)));
            return new UpstreamReply((int)answer.StatusCode, [.. headers], Body(answer, encoding, CancellationToken.None), answer);
        }
        catch (HttpRequestException failed)
        {
            throw new UpstreamUnreachableException("The provider did not answer.", failed);
        }
    }

    /// <exception cref="UpstreamUnreachableException">The path climbs out of the base URL.</exception>
    private Uri AddressOf(UpstreamRequest request)
    {
        // Azure, Bedrock and Vertex name their host in the path: there the rest of the real address follows the base URL.
        var (provider, url) = (request.Provider, request.Provider.Url(request.Path));
        var path = url.StartsWith(provider.Origin + provider.Prefix, StringComparison.Ordinal)
            ? url[(provider.Origin.Length + provider.Prefix.Length)..]
            : url[(url.IndexOf('/', "https://".Length) + 1)..];
        return Uri.TryCreate($"{_base}/{path}{request.Query}", UriKind.Absolute, out var address) && address.AbsoluteUri.StartsWith(_base + "/", StringComparison.Ordinal)
            ? address
            : throw new UpstreamUnreachableException("The path leads out of the provider's base URL.");
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Body(
        HttpResponseMessage answer, string encoding, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var raw = await answer.Content.ReadAsStreamAsync(cancellationToken);
        await using Stream stream = encoding switch
        {
            "gzip" => new GZipStream(raw, CompressionMode.Decompress),
            "br" => new BrotliStream(raw, CompressionMode.Decompress),
            "deflate" => new ZLibStream(raw, CompressionMode.Decompress),
            _ => raw,
        };
        var buffer = new byte[16 * 1024];
        while (true)
        {
            int read;
            try
            {
                read = await stream.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception broken) when (broken is IOException or HttpRequestException or InvalidDataException)
            {
                throw new UpstreamUnreachableException("The provider closed the connection before the answer was whole.", broken);
            }
            if (read == 0)
                yield break;
            yield return buffer.AsMemory(0, read);
        }
    }
}
