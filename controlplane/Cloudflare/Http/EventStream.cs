using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace GatewayOps.Cloudflare.Http;

/// <summary>
/// The events of a stream that has begun, which nobody repeats. Whoever reads knows the last event: a stream that ends before it was broken off.
/// `idle` is the longest time between two events.
/// </summary>
internal sealed class EventStream(Call call, Answer answer, Failures failures, TimeSpan idle, TimeProvider time) : IAsyncDisposable
{
    // A model's event is a few tokens; a picture within one is not streamed.
    private const int LongestLine = 1024 * 1024;

    private PipeReader? _reader;


    /// <summary>The data of the next event; null at the end.</summary>
    public async Task<string?> NextAsync(CancellationToken cancellationToken)
    {
        var data = new List<string>();
        while (await LineAsync(cancellationToken) is { } line)
        {
            if (line.Length == 0 && data.Count > 0) break;
            if (line.StartsWith("data:", StringComparison.Ordinal)) data.Add(line.AsSpan(5) is [' ', .. var rest] ? rest.ToString() : line[5..]);
        }
        return data.Count == 0 ? null : string.Join('\n', data);
    }

    /// <summary>An event's JSON. Throws what it says when it is a failure.</summary>
    public JsonElement Read(string data)
    {
        var envelope = Envelope.TryRead(Encoding.UTF8.GetBytes(data)) ?? throw Failures.Unreadable(call, answer.Response, null);
        return envelope.Errors.Count == 0 ? envelope.Root : throw failures.InStream(call, answer.Response, envelope.Errors);
    }

    public CloudflareException BrokenOff(Exception? inner = null) => Failures.NoAnswer(call, CloudflareErrorKind.Network, "the stream broke off before its end", sent: true, inner);

    public async ValueTask DisposeAsync()
    {
        if (_reader is not null) await _reader.CompleteAsync();
        answer.Dispose();
    }

    private async Task<string?> LineAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(idle, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            _reader ??= PipeReader.Create(await answer.Response.Content.ReadAsStreamAsync(either.Token));
            while (true)
            {
                var read = await _reader.ReadAsync(either.Token);
                if (read.Buffer.PositionOf((byte)'\n') is { } end)
                {
                    var line = Encoding.UTF8.GetString(read.Buffer.Slice(0, end)).TrimEnd('\r');
                    _reader.AdvanceTo(read.Buffer.GetPosition(1, end));
                    return line;
                }
                if (read.IsCompleted)
                {
                    var rest = Encoding.UTF8.GetString(read.Buffer).TrimEnd('\r');
                    _reader.AdvanceTo(read.Buffer.End);
                    return rest.Length == 0 ? null : rest;
                }
                if (read.Buffer.Length > LongestLine) throw Failures.Unreadable(call, answer.Response, null);
                _reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            }
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            throw BrokenOff(exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failures.NoAnswer(call, CloudflareErrorKind.Timeout, "the stream stood still", sent: true, exception);
        }
    }
}
