using GatewayOps.Emulator.Admin;
using GatewayOps.Emulator.State;

namespace GatewayOps.Emulator.Export.Otlp;

/// <summary>Sends a span for every log row to each `otel` target that its gateway has (contract 2.1, 14).</summary>
public sealed class OtelExportJob : BackgroundService
{
    private const int MostSpans = 64;

    private readonly ExportSender _sender;
    private readonly EmulatorState _state;
    private readonly EmulatorClock _clock;
    private readonly LogWeather _weather;

    public OtelExportJob(ExportSender sender, EmulatorState state, EmulatorClock clock, LogWeather weather)
    {
        (_sender, _state, _clock, _weather) = (sender, state, clock, weather);
        state.Logged += Take;
    }

    public ExportQueue Queue { get; } = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var rows = new List<LoggedRow>(MostSpans);
        while (await Queue.Reader.WaitToReadAsync(stoppingToken))
        {
            rows.Clear();
            while (rows.Count < MostSpans && Queue.Reader.TryRead(out var row))
                rows.Add(row);
            await Task.WhenAll(rows.GroupBy(row => row.Gateway).Select(group => ExportAsync(group.Key, [.. group], stoppingToken)));
        }
    }

    private void Take(GatewayState gateway, LogRow row)
    {
        if (gateway.Settings.OtelTargets.Count > 0)
            Queue.Offer(new LoggedRow(gateway, row));
    }

    private async Task ExportAsync(GatewayState gateway, IReadOnlyList<LoggedRow> rows, CancellationToken cancellationToken)
    {
        OtelSpan[] spans = [.. rows.Select(row => OtelSpan.Of(row.Row, TimeSpan.FromSeconds(_weather.Now.ExportSkewSeconds)))];
        // The targets of now: a gateway that was changed meanwhile exports no more where it should not.
        var delivered = await Task.WhenAll(gateway.Settings.OtelTargets.Select(target => SendAsync(gateway, target, spans, cancellationToken)));
        var succeeded = delivered.Count(done => done);
        foreach (var row in rows)
            Queue.Finish(row, exported: succeeded, failed: delivered.Length - succeeded);
    }

    private async Task<bool> SendAsync(GatewayState gateway, OtelTarget target, OtelSpan[] spans, CancellationToken cancellationToken)
    {
        if (!Uri.TryCreate(target.Url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            return false;
        var headers = target.Headers;
        if (target.Authorization is { } reference)
        {
            // Without its secret a target gets nothing: not a request that it would have to refuse.
            if (SecretOf(gateway, reference) is not { } secret)
                return false;
            headers = [.. headers.Where(header => !header.Key.Equals("authorization", StringComparison.OrdinalIgnoreCase)), new("authorization", secret)];
        }
        var (body, type) = target.Protobuf ? (OtelProtobuf.Of(spans), OtelProtobuf.ContentType) : (OtelJson.Of(spans), OtelJson.ContentType);
        return await _sender.PostAsync(address, body, type, encoding: null, headers, cancellationToken);
    }

    /// <summary>The active secret with this id or name in the account's store.</summary>
    private string? SecretOf(GatewayState gateway, string reference)
    {
        var store = _state.FindAccount(gateway.AccountId)?.Store;
        return (store?.Find(reference) ?? store?.FindByName(reference)) is { } secret && secret.StatusAt(_clock.GetUtcNow()) == SecretStatus.Active ? secret.Value : null;
    }
}
