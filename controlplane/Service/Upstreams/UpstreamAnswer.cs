using System.Net.Http.Headers;

namespace GatewayOps.ControlPlane.Upstreams;

/// <summary>An answer whose headers have arrived. Disposing it before the body was read cuts the connection, and with it the provider's work.</summary>
public sealed class UpstreamAnswer(HttpResponseMessage response, TimeProvider time) : IDisposable
{
    private const string Json = "application/json";
    private const string EventStream = "text/event-stream";

    public int Status => (int)response.StatusCode;

    public bool IsSuccess => response.IsSuccessStatusCode;

    public bool IsEventStream => MediaType is { } type && type.Equals(EventStream, StringComparison.OrdinalIgnoreCase);

    public bool IsJson => MediaType?.Contains("json", StringComparison.OrdinalIgnoreCase) ?? true;

    public long? Length => response.Content.Headers.ContentLength;

    /// <summary>hit, miss or bypass. The gateway tells it in a header (Cloudflare contract, section 12.2), which counts for nothing where <see cref="CacheStatus"/> is given.</summary>
    public string Cache => CacheStatus ?? Header("cf-aig-cache-status")?.ToUpperInvariant() switch
    {
        "HIT" => "hit",
        "MISS" => "miss",
        _ => "bypass",
    };

    /// <summary>What we know ourselves of the cache; null leaves it to the gateway.</summary>
    public string? CacheStatus { get; set; }

    /// <summary>Hears of the bytes as they are read, and whether they were a whole answer in the end; null where nobody keeps it.</summary>
    public IAnswerKeeper? Keeper { get; set; }

    /// <summary>Hears that the answer is let go, whole or not; null where nobody traces.</summary>
    public Action? Ended { get; set; }

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

    /// <summary>As the upstream wrote it; null for none, and for one that no header of ours could carry.</summary>
    public string? ContentType => ContentTypeAsWritten is { } type && HeaderText.IsSafe(type) ? type : null;

    /// <summary>The body as it arrives: nothing of it is waited for here.</summary>
    public Stream Body(CancellationToken cancellationToken)
    {
        var body = response.Content.ReadAsStream(cancellationToken);
        return Keeper is null ? body : new OverheardStream(body, Keeper);
    }

    /// <summary>What was read is an answer from beginning to end, so it may be kept. Whoever understands the dialect says so.</summary>
    public void ProvedWhole() => Keeper?.Whole();

    public void Dispose()
    {
        Keeper?.Dispose();
        response.Dispose();
        Ended?.Invoke();
    }

    // The two that nearly all answers have need no parsing; null where it is no media type.
    private string? MediaType => ContentTypeAsWritten switch
    {
        Json => Json,
        EventStream => EventStream,
        _ => response.Content.Headers.ContentType?.MediaType,
    };

    private string? ContentTypeAsWritten => response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : null;

    private string? Header(string name) => response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
