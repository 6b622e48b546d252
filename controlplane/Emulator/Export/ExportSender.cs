using System.Collections.Concurrent;
using GatewayOps.Emulator.Upstreams;

namespace GatewayOps.Emulator.Export;

/// <summary>Posts what is exported and tries again, a few times, where a receiver is busy or away.</summary>
public sealed partial class ExportSender(EmulatorOptions options, ILogger<ExportSender> logger) : IDisposable
{
    public const int Attempts = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);

    private readonly HttpMessageInvoker _http = ForwardedUpstream.Connect();
    private readonly ConcurrentDictionary<string, bool> _failing = new();

    /// <param name="headers">A name or value that no header can have makes the delivery fail.</param>
    /// <returns>Whether the receiver took it: a status of 200 to 299.</returns>
    public async Task<bool> PostAsync(
        Uri address, ReadOnlyMemory<byte> body, string contentType, string? encoding, IEnumerable<KeyValuePair<string, string>> headers, CancellationToken cancellationToken)
    {
        var receiver = address.GetLeftPart(UriPartial.Authority); // the rest of an address may be secret
        string? reason = null;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            if (Message(address, body, contentType, encoding, headers) is not { } message)
            {
                reason = "a header cannot be sent";
                break;
            }
            var (delivered, problem, wait) = await TryAsync(message, cancellationToken);
            if (delivered)
            {
                _failing.TryRemove(receiver, out _);
                return true;
            }
            reason = problem;
            if (wait is not { } asked)
                break;
            if (attempt < Attempts)
                await Task.Delay(Shorter(asked > TimeSpan.Zero ? asked : options.ExportRetryDelay * Math.Pow(2, attempt - 1)), cancellationToken);
        }
        // Once until it works again: a receiver that is away must not fill the console.
        if (_failing.Count < 1000 && _failing.TryAdd(receiver, true))
            Failed(receiver, reason!);
        return false;
    }

    public void Dispose() => _http.Dispose();

    /// <returns>`Wait` is null where another try would not help; zero where the receiver does not say how long.</returns>
    private async Task<(bool Delivered, string? Problem, TimeSpan? Wait)> TryAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using (message)
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            patience.CancelAfter(Patience);
            try
            {
                using var answer = await _http.SendAsync(message, patience.Token);
                if (answer.IsSuccessStatusCode)
                    return (true, null, null);
                var transient = (int)answer.StatusCode is 429 or >= 500;
                return (false, $"it answered {(int)answer.StatusCode}", transient ? answer.Headers.RetryAfter?.Delta ?? TimeSpan.Zero : null);
            }
            catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return (false, "it did not answer", TimeSpan.Zero);
            }
        }
    }

    private static HttpRequestMessage? Message(Uri address, ReadOnlyMemory<byte> body, string contentType, string? encoding, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ReadOnlyMemoryContent(body) };
        message.Content.Headers.ContentType = new(contentType);
        if (encoding is not null)
            message.Content.Headers.ContentEncoding.Add(encoding);
        foreach (var (name, value) in headers)
        {
            if (name.StartsWith("content-", StringComparison.OrdinalIgnoreCase))
                continue; // what the body is, the exporter knows
#pragma warning disable RS0030 // the value is printable ASCII
            if (value.AsSpan().ContainsAnyExceptInRange(' ', '~') || !message.Headers.TryAddWithoutValidation(name, value))
#pragma warning restore RS0030
            {
                message.Dispose();
                return null;
            }
        }
        return message;
    }

    private static TimeSpan Shorter(TimeSpan wait) => wait < LongestWait ? wait : LongestWait;

    [LoggerMessage(EventId = 20100, Level = LogLevel.Warning, Message = "Export to {Receiver} fails: {Reason}. It is not said again until one succeeds")]
    private partial void Failed(string receiver, string reason);
}
