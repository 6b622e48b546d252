using System.Net.Http.Headers;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Events;

/// <summary>A receiver of events: what it wants, and one attempt to tell it.</summary>
public sealed class Webhook(WebhookOptions options, string source, GuardedConnections connections, TimeProvider time) : IDisposable
{
    public const string IdHeader = "webhook-id", TimestampHeader = "webhook-timestamp", SignatureHeader = "webhook-signature";

    /// <summary>To the answer's headers; its body is not read.</summary>
    public static readonly TimeSpan LongestAttempt = TimeSpan.FromSeconds(10);

    private readonly Uri _url = new(options.Url);
    private readonly IReadOnlyList<byte[]> _secrets = [.. WebhookSecret.Read(options)];
    private readonly HttpClient _client = new(connections.NewHandler()) { Timeout = Timeout.InfiniteTimeSpan, DefaultRequestHeaders = { { "User-Agent", "GatewayOps" } } };

    public string Name => options.Name;

    /// <summary>Host and port. The path may be a secret, and is shown nowhere.</summary>
    public string Host => _url.Authority;

    public IReadOnlyList<string> Actions { get; } = EventOptions.Words(options.Actions);

    public bool Wants(string action) => Actions.Count == 0
        || Actions.Any(wanted => wanted.EndsWith('*') ? action.StartsWith(wanted.AsSpan(0, wanted.Length - 1), StringComparison.Ordinal) : action == wanted);

    public async Task<Delivery> SendAsync(AuditRow row, CancellationToken cancellationToken)
    {
        var (id, timestamp, body) = (EventMessage.IdOf(row.Sequence!.Value), time.GetUtcNow().ToUnixTimeSeconds(), EventMessage.BodyOf(row, source));
        using var request = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(EventMessage.ContentType, "utf-8");
        request.Headers.Add(IdHeader, id);
        request.Headers.Add(TimestampHeader, $"{timestamp}");
        request.Headers.Add(SignatureHeader, EventMessage.SignatureOf(id, timestamp, body, _secrets));
        using var patience = new CancellationTokenSource(LongestAttempt, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return Of(answer);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, $"no answer within {LongestAttempt.TotalSeconds:0} s", null);
        }
        catch (HttpRequestException e)
        {
            // Not the exception's own words: they may repeat what the receiver wrote.
            return new(null, e.InnerException is DestinationRefusedException refused ? refused.Message : $"no answer: {e.HttpRequestError}", null);
        }
    }

    public void Dispose() => _client.Dispose();

    private Delivery Of(HttpResponseMessage answer)
    {
        if (answer.IsSuccessStatusCode)
        {
            return new(answer.StatusCode, null, null);
        }

        var asked = answer.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - time.GetUtcNow() : null;
        return new(answer.StatusCode, $"answered {(int)answer.StatusCode}{((int)answer.StatusCode is >= 300 and < 400 ? ": redirects are not followed" : "")}", asked);
    }
}
