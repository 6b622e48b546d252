using System.Security.Cryptography;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Export.Logpush;

/// <summary>Delivers the log rows of gateways that have `logpush` and a public key, in batches (contract 14). Without a destination nothing is kept.</summary>
public sealed class LogpushJob : BackgroundService
{
    private const int MostKeys = 32;

    private readonly LogpushDestinations _destinations;
    private readonly EmulatorOptions _options;
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly Dictionary<string, RSA?> _keys = [];

    public LogpushJob(LogpushDestinations destinations, EmulatorState state, EmulatorOptions options)
    {
        (_destinations, _options) = (destinations, options);
        state.Logged += Take;
    }

    public ExportQueue Queue { get; } = new();

    /// <summary>Delivers what there is without waiting for the interval.</summary>
    public void Hurry() => _wanted.Release();

    public override void Dispose()
    {
        _wanted.Dispose();
        ForgetKeys();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await _wanted.WaitAsync(_options.LogpushInterval, stoppingToken);
            var rows = new List<LoggedRow>();
            while (Queue.Reader.TryRead(out var row))
            {
                rows.Add(row);
                if (rows.Count < LogpushBatch.MostLines)
                    continue;
                await DeliverAsync(rows, stoppingToken);
                rows.Clear();
            }
            await DeliverAsync(rows, stoppingToken);
        }
    }

    private void Take(GatewayState gateway, LogRow row)
    {
        if (gateway.Settings.LogpushKey is not null && _destinations.All.Count > 0)
            Queue.Offer(new LoggedRow(gateway, row));
    }

    private async Task DeliverAsync(IReadOnlyList<LoggedRow> rows, CancellationToken cancellationToken)
    {
        var lines = new List<(DateTimeOffset Time, byte[] Line)>(rows.Count);
        var sealedRows = new List<LoggedRow>(rows.Count);
        foreach (var row in rows)
        {
            if (KeyOf(row.Gateway) is not { } key)
            {
                Queue.Finish(row, failed: 1);
            }
            else if (LogpushEntry.Line(row.Gateway, row.Row, new LogpushSeal(key), _options.Assumptions.LogpushFields) is not { } line)
            {
                Queue.Finish(row, dropped: 1);
            }
            else
            {
                lines.Add((row.Row.CreatedAt, line));
                sealedRows.Add(row);
            }
        }
        if (lines.Count == 0)
            return;
        var batch = LogpushBatch.Of(lines);
        var delivered = await Task.WhenAll(_destinations.All.Select(destination => _destinations.DeliverAsync(destination, batch, cancellationToken)));
        var succeeded = delivered.Count(done => done);
        foreach (var row in sealedRows)
            Queue.Finish(row, exported: succeeded, failed: delivered.Length - succeeded);
    }

    /// <summary>The key of now. Null when it is none, is too short, or was taken away meanwhile.</summary>
    private RSA? KeyOf(GatewayState gateway)
    {
        if (gateway.Settings.LogpushKey is not { } pem)
            return null;
        if (_keys.TryGetValue(pem, out var known))
            return known;
        if (_keys.Count >= MostKeys)
            ForgetKeys();
        var key = LogpushSeal.Read(pem);
        if (key?.KeySize < 1024) // OAEP with SHA-256 has no room for the AES key in less
        {
            key.Dispose();
            key = null;
        }
        return _keys[pem] = key;
    }

    private void ForgetKeys()
    {
        foreach (var key in _keys.Values)
            key?.Dispose();
        _keys.Clear();
    }
}
