namespace GatewayOps.Emulator.Upstreams;

/// <summary>One provider behind the gateway: notes what arrives, does wrong what it was told to, and otherwise answers.</summary>
public sealed class ProviderUpstream(GatewayProvider provider, IUpstream inner) : IUpstream
{
    /// <summary>The newest requests that are kept.</summary>
    public const int RecordedLimit = 200;

    private readonly Lock gate = new();
    private readonly Queue<RecordedRequest> recorded = new();
    private UpstreamFault? fault;
    private int faultsLeft;
    private long received;

    public GatewayProvider Provider => provider;

    public void Break(UpstreamFault with)
    {
        lock (gate)
            (fault, faultsLeft) = (with, with.Times ?? int.MaxValue);
    }

    public void Repair()
    {
        lock (gate)
            fault = null;
    }

    /// <summary>Requests since the last <see cref="Forget"/> and the newest of them, oldest first.</summary>
    public (long Requests, IReadOnlyList<RecordedRequest> Recorded) Received()
    {
        lock (gate)
            return (received, [.. recorded]);
    }

    public void Forget()
    {
        lock (gate)
        {
            recorded.Clear();
            received = 0;
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
            return UpstreamErrors.Faulty(status, broken);

        var reply = await inner.SendAsync(request, cancellationToken);
        return broken.CutAfterEvents is { } events ? reply.CutAfter(events) : reply;
    }

    private UpstreamFault? Arrive(UpstreamRequest request)
    {
        var entry = RecordedRequest.Of(request);
        lock (gate)
        {
            received++;
            recorded.Enqueue(entry);
            if (recorded.Count > RecordedLimit)
                recorded.Dequeue();

            var now = fault;
            if (now?.Times is not null && --faultsLeft == 0)
                fault = null;
            return now;
        }
    }
}
