using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Usage;

/// <summary>
/// Carries records into PostgreSQL, in batches that grow with the load: while one is written, the next gathers. A database that is away is tried
/// again for a bounded time; then the batch is dropped and counted. At a graceful stop what is queued is written first.
/// </summary>
public sealed partial class UsageWriter(
    UsageRecorder recorder, RequestRecordTable table, UsageLedger ledger, UsageMetrics metrics, IOptions<UsageOptions> options, TimeProvider time, ILogger<UsageWriter> log) : BackgroundService
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(5);

    private readonly UsageOptions _options = options.Value;
    private readonly CancellationTokenSource _giveUp = new();
    private readonly CancellationTokenSource _lastOnes = new();

    /// <summary>Ends the queue and waits until it is written, as long as the host grants.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        recorder.Complete();
        await _lastOnes.CancelAsync();
        await using var patience = cancellationToken.Register(_giveUp.Cancel);
        await (ExecuteTask ?? Task.CompletedTask);
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _giveUp.Dispose();
        _lastOnes.Dispose();
        base.Dispose();
    }

    // Not ended by the stopping token: the requests of the last second count, too.
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<UsageRecord>(_options.BatchSize);
        long? began = null;
        while (await recorder.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await GatherAsync(began);
            began = time.GetTimestamp();
            batch.Clear();
            while (batch.Count < _options.BatchSize && recorder.Reader.TryRead(out var record))
            {
                batch.Add(record);
            }

            await WriteAsync(batch, stoppingToken);
        }
    }

    // Nothing more comes once we stop: then there is nothing to wait for.
    private async Task GatherAsync(long? began)
    {
        if (began is { } last && _options.WriteInterval - time.GetElapsedTime(last) is var left && left > TimeSpan.Zero && recorder.Reader.Count < _options.BatchSize)
        {
            await Task.Delay(left, time, _lastOnes.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task WriteAsync(List<UsageRecord> batch, CancellationToken stoppingToken)
    {
        var started = time.GetTimestamp();
        var delay = FirstDelay;
        while (true)
        {
            try
            {
                await table.WriteAsync(batch, _giveUp.Token);
                ledger.Written(batch);
                return;
            }
            catch (PostgresException e) when (IsThere(e))
            {
                // Ids are our own, so this very batch is there: its writing was done, and only the word of it was lost.
                ledger.Written(batch);
                return;
            }
            catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException or OperationCanceledException)
            {
                // Stopping without a database: nothing that we wait for would come in time.
                if (IsRefusal(e) || e is OperationCanceledException || stoppingToken.IsCancellationRequested || _lastOnes.IsCancellationRequested
                    || recorder.Reader.Completion.IsCompleted || time.GetElapsedTime(started) + delay > _options.RetryFor)
                {
                    metrics.Dropped(batch.Count);
                    Lost(batch.Count, e.GetType().Name, (e as PostgresException)?.SqlState);
                    return;
                }
            }

            try
            {
                await Task.Delay(delay, time, _lastOnes.Token);
            }
            catch (OperationCanceledException)
            {
                // One last try, which then drops and counts.
            }

            delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay;
        }
    }

    // The only unique key of the table is that of the ids. PostgreSQL names the partition, whose name begins with the table's.
    private static bool IsThere(PostgresException exception) =>
        exception.SqlState == PostgresErrorCodes.UniqueViolation && exception.TableName?.StartsWith("request_records", StringComparison.Ordinal) is true;

    // Classes 22 and 23: the records themselves are at fault, and no wait mends them. But what is there twice elsewhere (a catalogue, while partitions are made) is not of the records.
    private static bool IsRefusal(Exception exception) => exception is PostgresException { SqlState: ['2', '2' or '3', ..] and not PostgresErrorCodes.UniqueViolation };

    [LoggerMessage(5001, LogLevel.Error, "{Count} request records are lost: the database did not take them ({Error} {SqlState})")]
    private partial void Lost(int count, string error, string? sqlState);
}
