using System.Threading.Channels;
using GatewayOps.ControlPlane.Storage;

namespace GatewayOps.ControlPlane.Ingestion.Otlp;

/// <summary>
/// Between exports and the store: what comes while a batch is written is the next batch, so many small exports cost few transactions. An export is answered when its rows are stored, and
/// not before. Bounded in bytes; beyond, the sender waits and comes again.
/// </summary>
public sealed class OtlpIntake(AttemptStore store, IngestionMetrics metrics, TimeProvider time) : BackgroundService
{
    /// <summary>Bytes of exports, after decompression, that wait or are written; each counts as <see cref="LeastCounted"/> at least.</summary>
    public const int MostPending = 64 * 1024 * 1024;

    /// <summary>Bytes that an export counts at least: what the request that waits with it holds.</summary>
    public const int LeastCounted = 32 * 1024;

    private const int MostOfABatch = 10_000;

    // While the database works on one batch, the next is sent to it.
    private const int Writers = 2;

    private readonly Channel<Export> _exports = Channel.CreateUnbounded<Export>(new UnboundedChannelOptions());
    private long _pending;

    /// <summary>False: full. Else the rows are stored when it returns, or the exception says why not.</summary>
    /// <param name="bytes">How long the export was that told of these rows.</param>
    public async Task<bool> TryStoreAsync(string gateway, IReadOnlyList<Attempt> rows, int bytes, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return true;
        }

        var export = new Export(gateway, rows, Math.Max(bytes, LeastCounted));
        if (Interlocked.Add(ref _pending, export.Bytes) > MostPending || !_exports.Writer.TryWrite(export))
        {
            Interlocked.Add(ref _pending, -export.Bytes);
            return false;
        }

        await export.Done.Task.WaitAsync(cancellationToken);
        return true;
    }

    /// <summary>Bytes that wait or are written now.</summary>
    public long Pending => Interlocked.Read(ref _pending);

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _exports.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        while (_exports.Reader.TryRead(out var export))
        {
            export.Done.TrySetCanceled(CancellationToken.None);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => WriteAllAsync(stoppingToken)));

    private async Task WriteAllAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Export>();
        while (await _exports.Reader.WaitToReadAsync(stoppingToken))
        {
            batch.Clear();
            var rows = 0;
            while (rows < MostOfABatch && _exports.Reader.TryRead(out var export))
            {
                batch.Add(export);
                rows += export.Rows.Count;
            }

            if (rows == 0)
            {
                continue; // the other writer was quicker
            }

            await WriteAsync(batch, stoppingToken);
            Interlocked.Add(ref _pending, -batch.Sum(export => (long)export.Bytes));
        }
    }

    private async Task WriteAsync(List<Export> batch, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var gateway in batch.GroupBy(export => export.Gateway))
            {
                await StoreAsync([.. gateway], cancellationToken);
            }
        }
        catch (Exception e) when (batch.Count > 1 && !Outage.MayPass(e) && e is not OperationCanceledException)
        {
            // One of them cannot be stored: the others can.
            foreach (var export in batch.Where(export => !export.Done.Task.IsCompleted))
            {
                try
                {
                    await StoreAsync([export], cancellationToken);
                }
                catch (Exception single) when (single is not OperationCanceledException)
                {
                    export.Done.TrySetException(single);
                }
            }
        }
        catch (Exception e)
        {
            foreach (var export in batch)
            {
                export.Done.TrySetException(e);
            }
        }
    }

    private async Task StoreAsync(IReadOnlyList<Export> exports, CancellationToken cancellationToken)
    {
        var (gateway, now) = (exports[0].Gateway, time.GetUtcNow());
        IReadOnlyList<Attempt> rows = exports.Count == 1 ? exports[0].Rows : [.. exports.SelectMany(export => export.Rows)];
        // Not a time to come: the cursor says when this source was last heard of.
        var through = rows.Where(row => row.CreatedAt <= now).Select(row => (DateTimeOffset?)row.CreatedAt).Max();
        await store.AddAsync(rows, new FeedMove(gateway, LogSources.Otlp) { Through = through, PolledAt = now }, cancellationToken);
        metrics.Polled(gateway, LogSources.Otlp, now);
        foreach (var export in exports)
        {
            export.Done.TrySetResult();
        }
    }

    private sealed record Export(string Gateway, IReadOnlyList<Attempt> Rows, int Bytes)
    {
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
