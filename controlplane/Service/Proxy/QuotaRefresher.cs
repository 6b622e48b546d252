using GatewayOps.ControlPlane.Loaded;
using GatewayOps.ControlPlane.Usage;
using Microsoft.Extensions.Options;
using Npgsql;

namespace GatewayOps.ControlPlane.Proxy;

/// <summary>
/// Tells the ledger what other replicas, and this one before its start, have used today: once before the first request, then at intervals, and only while an active rule set has a quota.
/// Between two readings a replica does not see what the others use; without a database it goes on with what it knows and what it counts itself.
/// </summary>
public sealed partial class QuotaRefresher(
    LoadedRuleSets loaded, UsageLedger ledger, DayUsage usage, IOptions<ProxyOptions> options, TimeProvider time, ILogger<QuotaRefresher> log) : BackgroundService
{
    // However large the day's table is, reading it takes no more than a twentieth of the time.
    private const int Rest = 20;

    private bool _lost;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RefreshAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Reads once if there is a quota; says how long it took.</summary>
    public async Task<TimeSpan> RefreshAsync(CancellationToken cancellationToken)
    {
        var gateways = loaded.All.Where(set => set.Quota is not null).Select(set => set.Gateway).ToHashSet();
        if (gateways.Count == 0)
        {
            return TimeSpan.Zero;
        }

        var started = time.GetTimestamp();
        try
        {
            var mark = ledger.Mark(gateways);
            ledger.TakeOver(mark, await usage.ReadAsync(mark.Day, gateways, cancellationToken));
            if (_lost)
            {
                _lost = false;
                Regained();
            }
        }
        catch (Exception e) when (e is NpgsqlException or TimeoutException or IOException)
        {
            if (!_lost)
            {
                _lost = true;
                Lost(e.GetBaseException().Message);
            }
        }

        return time.GetElapsedTime(started);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var took = TimeSpan.Zero;
        while (!stoppingToken.IsCancellationRequested)
        {
            var wait = took * Rest > options.Value.QuotaRefresh ? took * Rest : options.Value.QuotaRefresh;
            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested)
            {
                took = await RefreshAsync(stoppingToken);
            }
        }
    }

    [LoggerMessage(3010, LogLevel.Warning, "The database does not say what was used today ({Reason}); quotas go on with what this replica knows and counts itself")]
    private partial void Lost(string reason);

    [LoggerMessage(3011, LogLevel.Information, "Quotas know again what all replicas have used today")]
    private partial void Regained();
}
