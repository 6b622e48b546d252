using System.Text;

namespace GatewayOps.Emulator.Upstreams;

/// <summary>One provider behind the gateway: notes what arrives, does wrong what it was told to, and otherwise answers.</summary>
public sealed class ProviderUpstream(ProviderDialects dialects, ProviderKnowledge knowledge, IUpstream inner) : IUpstream
{
    /// <summary>The newest requests that are kept.</summary>
    public const int RecordedLimit = 200;

    private readonly Lock _lock = new();
    private readonly Queue<Arrived> _recorded = new();
    private UpstreamFault? _fault;
    private int _faultsLeft;
    private long _received;

    public GatewayProvider Provider => dialects.Provider;

    public void Break(UpstreamFault with)
    {
        lock (_lock)
            (_fault, _faultsLeft) = (with, with.Times ?? int.MaxValue);
    }

    public void Repair()
    {
        lock (_lock)
            _fault = null;
    }

    /// <summary>As after the start: whole, without a record, without anything that requests asked it to keep.</summary>
    public void Reset()
    {
        Repair();
        Forget();
        knowledge.Forget();
    }

    /// <summary>Requests since the last <see cref="Forget"/> and the newest of them, oldest first.</summary>
    public (long Requests, IReadOnlyList<RecordedRequest> Recorded) Received()
    {
        lock (_lock)
            return (_received, [.. _recorded.Select(arrived => RecordedRequest.Of(arrived.Request, arrived.Body, arrived.BodySize))]);
    }

    public void Forget()
    {
        lock (_lock)
        {
            _recorded.Clear();
            _received = 0;
        }
    }

    public async Task<UpstreamReply> SendAsync(UpstreamRequest request, CancellationToken cancellationToken)
    {
        var broken = Arrive(request);
        if (broken is null)
            return await inner.SendAsync(request, cancellationToken);

        // A delay is real time: the caller's timeout runs on real time too.
        if (broken.DelayMs > 0)
            await Task.Delay(broken.DelayMs, cancellationToken);
        if (broken.Status is { } status)
            return Faulty(status, broken, request);

        var reply = await inner.SendAsync(request, cancellationToken);
        return broken.CutAfterEvents is { } events ? reply.CutAfter(events) : reply;
    }

    private UpstreamReply Faulty(int status, UpstreamFault fault, UpstreamRequest request)
    {
        KeyValuePair<string, string>[] headers = fault.RetryAfterSeconds is { } seconds ? [new("retry-after", seconds.ToString())] : [];
        return fault.Body is { } body
            ? UpstreamReply.Json(status, Encoding.UTF8.GetBytes(body), headers)
            : dialects.Errors.Answer(Refusal.Of(status), request, headers);
    }

    private UpstreamFault? Arrive(UpstreamRequest request)
    {
        // What was received is told when somebody asks: here it is kept as it is. Only a large body is cut, or it would stay in memory whole.
        var entry = request.Body.Length <= RecordedRequest.BodyLimit
            ? new Arrived(request, request.Body, request.Body.Length)
            : new Arrived(request with { Body = default }, request.Body[..RecordedRequest.BodyLimit].ToArray(), request.Body.Length);
        lock (_lock)
        {
            _received++;
            _recorded.Enqueue(entry);
            if (_recorded.Count > RecordedLimit)
                _recorded.Dequeue();

            var now = _fault;
            if (now?.Times is not null && --_faultsLeft == 0)
                _fault = null;
            return now;
        }
    }

    private readonly record struct Arrived(UpstreamRequest Request, ReadOnlyMemory<byte> Body, long BodySize);
}
