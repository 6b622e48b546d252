using System.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>An answer whose headers have arrived. Disposing it before the body was read cuts the connection, and with it the provider's work.</summary>
public sealed class UpstreamAnswer(HttpResponseMessage response, TimeProvider time) : IDisposable
{
    public int Status => (int)response.StatusCode;

    public bool IsSuccess => response.IsSuccessStatusCode;

    public bool IsEventStream => response.Content.Headers.ContentType?.MediaType is { } type
        && type.Equals("text/event-stream", StringComparison.OrdinalIgnoreCase);

    public long? Length => response.Content.Headers.ContentLength;

    /// <summary>hit, miss or bypass. Source: Cloudflare contract, section 12.2.</summary>
    public string Cache => Header("cf-aig-cache-status")?.ToUpperInvariant() switch
    {
        "HIT" => "hit",
        "MISS" => "miss",
        _ => "bypass",
    };

    /// <summary>How long the upstream asks to wait, from either form of Retry-After (RFC 9110, section 10.2.3). Never negative.</summary>
    public TimeSpan? RetryAfter
    {
        get
        {
            TimeSpan? wait = response.Headers.RetryAfter switch
            {
                { Delta: { } delta } => delta,
                { Date: { } date } => date - time.GetUtcNow(),
                _ => null,
            };
            return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        }
    }

    public HttpHeadersNonValidated Headers => response.Headers.NonValidated;

    public string? ContentType => response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;

    public Task<Stream> BodyAsync(CancellationToken cancellationToken) => response.Content.ReadAsStreamAsync(cancellationToken);

    public void Dispose() => response.Dispose();

    private string? Header(string name) => response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
