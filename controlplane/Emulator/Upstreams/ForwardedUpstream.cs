using System.Net;
using System.Runtime.CompilerServices;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>A provider at a real address (an Ollama, say): the request goes there as it is, the base URL in place of the provider's prefix.</summary>
/// <param name="baseUrl">Absolute http or https; comes from the operator's options only, never from a request.</param>
public sealed class ForwardedUpstream(Uri baseUrl, HttpMessageInvoker http) : IUpstream
{
    private static readonly HashSet<string> NotForwarded = new(StringComparer.OrdinalIgnoreCase)
    {
        "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authenticate", "content-length", "alt-svc",
    };

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
        var address = new Uri($"{baseUrl.AbsoluteUri.TrimEnd('/')}/{request.Path}{request.Query}");
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
        try
        {
            var answer = await http.SendAsync(message, cancellationToken);
            var headers = answer.Headers.NonValidated.Concat(answer.Content.Headers.NonValidated)
                .Where(header => !NotForwarded.Contains(header.Key))
                .SelectMany(header => header.Value.Select(value => KeyValuePair.Create(header.Key, value)));
            return new UpstreamReply((int)answer.StatusCode, [.. headers], Body(answer, CancellationToken.None), answer);
        }
        catch (HttpRequestException failed)
        {
            throw new UpstreamUnreachableException("The provider did not answer.", failed);
        }
    }

    private static async IAsyncEnumerable<ReadOnlyMemory<byte>> Body(HttpResponseMessage answer, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var stream = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[16 * 1024];
        while (true)
        {
            int read;
            try
            {
                read = await stream.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception broken) when (broken is IOException or HttpRequestException)
            {
                throw new UpstreamUnreachableException("The provider closed the connection before the answer was whole.", broken);
            }
            if (read == 0)
                yield break;
            yield return buffer.AsMemory(0, read);
        }
    }
}
